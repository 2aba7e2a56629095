extension ImportProbe {
    /// The probe's own program, for every Python from 3.6 on; an older one says that it is older.
    ///
    /// Arguments: the reply's id, `module` or `script`, its name, the function or nothing, the requirements file. The
    /// last line it writes is a reply with an ``ImportReport``. What the probe itself imports comes from Python's
    /// library, never from the worker's directory, which may have a `json.py` of its own.
    static let program = #"""
        import os, sys
        here = bool(sys.path) and sys.path.pop(0) == ""
        import time
        task, kind, target, function, requirements = sys.argv[1:6]
        report = {"python": "%d.%d.%d" % sys.version_info[:3], "prefix": sys.prefix, "begun": 0,
                  "base_prefix": getattr(sys, "base_prefix", sys.prefix)}
        out = os.dup(1)

        def quoted(text):
            parts = []
            for letter in text:
                code = ord(letter)
                if 32 <= code < 127 and letter not in '"\\':
                    parts.append(letter)
                elif code > 0xFFFF:
                    code -= 0x10000
                    parts.append("\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)))
                else:
                    parts.append("\\u%04x" % code)
            return '"' + "".join(parts) + '"'

        def encoded(value):
            if value is None:
                return "null"
            if value is True or value is False:
                return "true" if value else "false"
            if isinstance(value, (int, float)):
                return repr(value)
            if isinstance(value, dict):
                return "{" + ",".join(quoted(name) + ":" + encoded(item) for name, item in value.items()) + "}"
            if isinstance(value, (list, tuple)):
                return "[" + ",".join(encoded(item) for item in value) + "]"
            return quoted(str(value))

        def send():
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except Exception:
                    pass
            line = "\n" + encoded({"id": task, "success": True, "result": report}) + "\n"
            data = line.encode("ascii")
            while data:
                data = data[os.write(out, data):]
            os._exit(0)

        if sys.version_info < (3, 6):
            report["unsupported"] = "the probe needs Python 3.6 or newer"
            send()
        report["begun"] = time.monotonic()
        import ast, builtins, importlib, importlib.util, threading, tokenize

        def imports_of_the_module():
            """Measures what the module imports, as far as it does so itself."""
            original, main = builtins.__import__, threading.get_ident()
            spent, depth = {}, [0]

            def measured(name, *rest, **options):
                if depth[0] or threading.get_ident() != main:
                    return original(name, *rest, **options)
                depth[0] += 1
                begun = time.monotonic()
                try:
                    return original(name, *rest, **options)
                finally:
                    depth[0] -= 1
                    top = name.split(".")[0]
                    spent[top] = spent.get(top, 0) + time.monotonic() - begun
            builtins.__import__ = measured
            return original, spent

        def found(name):
            """What `python -m name` runs, and whether it could be found."""
            parent = name.rpartition(".")[0]
            if parent:
                importlib.import_module(parent)
            spec = importlib.util.find_spec(name)
            if spec is None:
                raise ModuleNotFoundError("No module named %r" % name, name=name)
            if spec.submodule_search_locations is None:
                return spec
            importlib.import_module(name)
            main = importlib.util.find_spec(name + ".__main__")
            if main is None:
                raise ImportError("No module named %s.__main__; %r is a package and cannot be directly executed"
                                  % (name, name), name=name + ".__main__")
            return main

        def mentions(node, names):
            return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))

        def has_guard(tree):
            return any(isinstance(part, ast.If) and mentions(part.test, ("__name__",)) for part in tree.body)

        def changes_path(node):
            return any(isinstance(part, ast.Attribute) and part.attr == "path" and isinstance(part.value, ast.Name)
                       and part.value.id == "sys" for part in ast.walk(node))

        def root_of(node):
            while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
                node = node.func if isinstance(node, ast.Call) else node.value
            return node.id if isinstance(node, ast.Name) else None

        def is_harmless(node):
            calls = [part for part in ast.walk(node) if isinstance(part, (ast.Call, ast.Await))]
            roots = ("os", "pathlib", "Path", "str")
            return all(isinstance(call, ast.Call) and root_of(call) in roots for call in calls)

        def prepares(node):
            """Whether a statement only imports, or says where from."""
            if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
                return True
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                return is_harmless(node)
            if isinstance(node, ast.Expr):
                return isinstance(node.value, ast.Call) and changes_path(node.value.func)
            if isinstance(node, ast.Try):
                return all(map(prepares, node.body + node.orelse + node.finalbody))
            if isinstance(node, ast.If):
                return is_harmless(node.test) and all(map(prepares, node.body + node.orelse))
            return False

        def has_imports(node):
            return any(isinstance(part, (ast.Import, ast.ImportFrom)) for part in ast.walk(node))

        def calls_something(tree):
            """Whether running the module does anything but define things."""
            for node in tree.body:
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    if node.decorator_list:
                        return True
                elif isinstance(node, (ast.For, ast.While, ast.With, ast.Raise, ast.Assert)):
                    return True
                elif not prepares(node) and any(isinstance(part, ast.Call) for part in ast.walk(node)):
                    return True
            return False

        def execute_imports(tree, spec):
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            for node in tree.body:
                if not prepares(node):
                    continue
                block = ast.parse("")
                block.body = [node]
                code = compile(block, spec.origin, "exec", dont_inherit=True)
                if has_imports(node):
                    exec(code, module.__dict__)
                else:
                    try:
                        exec(code, module.__dict__)
                    except Exception:
                        report["unsure"] = report.get("unsure", False) or changes_path(node)

        def names_in(tree):
            names = []
            for node in tree.body:
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    names.append(node.name)
            return names

        def has_name(tree, wanted):
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == wanted:
                    return True
                if isinstance(node, ast.Name) and node.id == wanted and isinstance(node.ctx, ast.Store):
                    return True
                if isinstance(node, ast.alias) and (node.asname or node.name) == wanted:
                    return True
            return False

        def described(error):
            text = type(error).__name__
            home = type(error).__module__
            place, trace = (None, None), error.__traceback__
            while trace is not None:
                name = trace.tb_frame.f_code.co_filename
                if not name.startswith("<"):
                    place = (name, trace.tb_lineno)
                trace = trace.tb_next
            try:
                message = str(error)
            except Exception:
                message = ""
            if isinstance(error, SyntaxError) and error.filename:
                place, message = (error.filename, error.lineno), error.msg
            missing = getattr(error, "name", None) if isinstance(error, ImportError) else None
            own = (target, target + ".__main__")
            return {"type": text if home in ("builtins", "__main__") else home + "." + text,
                    "message": message[:500], "file": place[0], "line": place[1], "missing": missing,
                    "is_target": kind == "module" and place[0] is None and missing is not None
                                 and (missing in own or target.startswith(missing + "."))}

        def attempt():
            if kind == "module":
                spec = found(target)
            else:
                spec = importlib.util.spec_from_file_location("workerhost_probed", target)
                if spec is None:
                    raise ImportError("%r is no Python file" % target)
            report["origin"] = spec.origin
            source = spec.loader.get_source(spec.name) if hasattr(spec.loader, "get_source") else None
            tree = ast.parse(source, spec.origin) if source is not None else None
            report["only_imports"] = only = tree is not None and not has_guard(tree)
            if only:
                report["idle"] = bool(names_in(tree)) and not calls_something(tree)
                report["functions"] = names_in(tree)
                report["has_function"] = has_name(tree, function) if function else None
                execute_imports(tree, spec)
                return
            if kind == "module":
                module = importlib.import_module(spec.name)
            else:
                module = importlib.util.module_from_spec(spec)
                sys.modules[spec.name] = module
                spec.loader.exec_module(module)
            report["functions"] = [name for name, item in vars(module).items()
                                   if callable(item) and not name.startswith("_")][:200]
            parts = [module, sys.modules.get(target)]
            if function:
                report["has_function"] = any(callable(getattr(part, function, None)) for part in parts)

        def measure():
            try:
                with open("/proc/self/status") as status:
                    values = dict(line.split(":", 1) for line in status if ":" in line)
                report["peak_kilobytes"] = int(values["VmHWM"].split()[0])
                report["data_kilobytes"] = int(values["VmData"].split()[0])
            except (OSError, KeyError, ValueError):
                pass

        def compare_requirements():
            import re
            from importlib import metadata
            missing, others = [], []
            with open(requirements) as lines:
                for line in lines:
                    line = line.split(" #")[0].strip()
                    # What needs more than its name to be judged is left out.
                    if not line or line[0] in "#-./" or ";" in line or "@" in line or "://" in line:
                        continue
                    match = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^]]*\])?\s*(?:==\s*([^\s,*]+)$)?", line)
                    if not match:
                        continue
                    try:
                        version = metadata.version(match.group(1))
                    except metadata.PackageNotFoundError:
                        missing.append(match.group(1))
                        continue
                    short = lambda text: re.sub(r"(\.0)+$", "", text.split("+")[0])
                    if match.group(2) and short(version) != short(match.group(2)):
                        others.append("%s %s, not %s" % (match.group(1), version, match.group(2)))
            report["missing"], report["other_versions"] = missing, others

        sys.argv = [target] + ([function] if function else [])
        if kind == "script":
            sys.path.insert(0, os.path.dirname(os.path.abspath(target)))
        elif here:
            sys.path.insert(0, os.getcwd())
        original, spent = imports_of_the_module()
        begun = time.monotonic()
        try:
            attempt()
        except BaseException as error:
            report["error"] = described(error)
        report["import_seconds"] = time.monotonic() - begun
        builtins.__import__ = original
        measure()
        if spent:
            report["slowest"] = max(spent, key=spent.get)
            report["slowest_seconds"] = spent[report["slowest"]]
        try:
            compare_requirements()
        except Exception:
            pass
        send()
        """#
}
