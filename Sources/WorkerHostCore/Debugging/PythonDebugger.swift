/// The program that runs a Python worker under pdb (3.7 and later).
///
/// pdb talks to the terminal with all its line editing, while the worker finds its task on standard input, also where
/// it reads descriptor 0 itself: at each stop the terminal is put in the place of descriptors 0 and 1, and taken away
/// again.
enum PythonDebugger {
    static let source = #"""
        """Runs a worker under pdb: debugger.py (-m MODULE | -c CODE | FILE) [ARGUMENT...]"""

        import bdb
        import os
        import pdb
        import runpy
        import sys
        import traceback
        import types

        TERMINAL = os.dup(0), os.dup(1)
        CONSOLE = open(0, closefd=False), open(1, "w", closefd=False)


        class Debugger(pdb.Pdb):
            has_quit = False

            def __init__(self):
                super().__init__()
                self.stdout = CONSOLE[1]  # not by the argument, which would cost the line editing

            def interaction(self, *arguments):
                sys.stdout.flush()
                worker = os.dup(0), os.dup(1), sys.stdin, sys.stdout
                os.dup2(TERMINAL[0], 0)
                os.dup2(TERMINAL[1], 1)
                sys.stdin, sys.stdout = CONSOLE
                try:
                    super().interaction(*arguments)
                finally:
                    CONSOLE[1].flush()
                    for number in 0, 1:
                        os.dup2(worker[number], number)
                        os.close(worker[number])
                    sys.stdin, sys.stdout = worker[2:]

            def set_quit(self):
                self.has_quit = True
                super().set_quit()


        def load(words):
            """The code to run, and what it finds in its namespace."""
            safe = getattr(sys.flags, "safe_path", False) or sys.flags.isolated
            if words[0] == "-m":
                if not safe:
                    sys.path[0] = os.getcwd()
                _, spec, code = runpy._get_module_details(words[1])
                sys.argv[:] = [spec.origin] + words[2:]
                return code, {
                    "__file__": spec.origin, "__package__": spec.parent, "__loader__": spec.loader, "__spec__": spec,
                }
            if words[0] == "-c":
                if not safe:
                    sys.path[0] = ""
                sys.argv[:] = ["-c"] + words[2:]
                return compile(words[1], "<string>", "exec"), {}
            if not safe:
                sys.path[0] = os.path.dirname(os.path.realpath(words[0]))
            sys.argv[:] = words
            with open(words[0], "rb") as file:
                return compile(file.read(), words[0], "exec"), {"__file__": words[0]}


        def main():
            task = os.open(os.environ["WORKERHOST_INPUT"], os.O_RDONLY)
            os.dup2(task, 0)
            os.close(task)
            debugger = Debugger()
            hook = lambda *_, **__: debugger.set_trace(sys._getframe(1))
            sys.breakpointhook = pdb.set_trace = hook
            code, names = load(sys.argv[1:])
            module = types.ModuleType("__main__")
            module.__dict__.update(names)
            own, sys.modules["__main__"] = sys.modules["__main__"], module  # own: keeps these functions' globals
            try:
                debugger.run(code, module.__dict__)
            except SystemExit as end:
                print("The worker ended by sys.exit(%r)." % (end.code,), file=sys.stderr)
                raise
            except BaseException as error:
                traceback.print_exc()
                print("Nobody caught this: looking at where it was raised. q ends.", file=sys.stderr)
                place = error.__traceback__
                while place and place.tb_frame.f_code.co_filename in (__file__, bdb.__file__):
                    place = place.tb_next
                debugger.reset()
                debugger.interaction(None, place or error.__traceback__)
                sys.exit(1)
            if debugger.has_quit:
                sys.exit(130)
            print("The worker ran to its end.", file=sys.stderr)


        main()
        """# + "\n"
}
