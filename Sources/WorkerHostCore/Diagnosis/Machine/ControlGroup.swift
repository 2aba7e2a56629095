#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The control groups (cgroups) that this process is in, of version 2 and of version 1.
struct ControlGroup {
    /// One controller's group and all groups above it, the own one first. All of them limit the process.
    struct Chain {
        let version: Int
        /// As `/sys` shows them, without the machine view's root.
        let directories: [String]
    }

    /// A limit, and what counts against it now.
    struct Bound {
        let most: Int
        let used: Int
        let directory: String
    }

    private let machine: MachineView
    /// The group of version 2; nil where that is not mounted.
    let unified: Chain?
    private let memory: Chain?
    private let processes: Chain?

    init(_ machine: MachineView) {
        self.machine = machine
        let groups = (machine.text("/proc/self/cgroup") ?? "").split(separator: "\n").compactMap(Self.group)
        let mounts = (machine.text("/proc/self/mountinfo") ?? "").split(separator: "\n").compactMap(Mount.init)
        func chain(_ controller: String?) -> Chain? {
            let mount = mounts.first { mount in
                controller.map { mount.kind == "cgroup" && mount.options.contains($0) } ?? (mount.kind == "cgroup2")
            }
            let group = groups.first { group in
                controller.map { group.controllers.contains($0) } ?? group.controllers.isEmpty
            }
            guard let mount, let group else { return nil }
            return Chain(version: controller == nil ? 2 : 1, directories: Self.directories(mount, group.path, machine))
        }
        unified = chain(nil)
        memory = chain("memory") ?? unified
        processes = chain("pids") ?? unified
    }

    /// The tightest limit of memory, in bytes; nil if there is none.
    var memoryBound: Bound? {
        memory.flatMap {
            $0.version == 2
                ? tightest($0, "memory.max", "memory.current")
                : tightest($0, "memory.limit_in_bytes", "memory.usage_in_bytes")
        }
    }

    /// The tightest limit of processes and threads; nil if there is none.
    var processBound: Bound? { processes.flatMap { tightest($0, "pids.max", "pids.current") } }

    /// The group that the kernel kills as a whole when one of its processes is to die for want of memory
    /// (`memory.oom.group`); nil if it kills single processes.
    var killedAsAWhole: String? {
        guard let unified else { return nil }
        // The root group has no such file, and the highest one that says so decides.
        return unified.directories.last { machine.line("\($0)/memory.oom.group") == "1" }
    }

    /// Whether this process could make groups of its own below its group of version 2.
    var isDelegated: Bool {
        guard let own = unified?.directories.first else { return false }
        return access(machine.root + own, W_OK) == 0 && access("\(machine.root)\(own)/cgroup.procs", W_OK) == 0
            && access("\(machine.root)\(own)/cgroup.subtree_control", W_OK) == 0
    }

    private func tightest(_ chain: Chain, _ limit: String, _ usage: String) -> Bound? {
        chain.directories.compactMap { directory -> Bound? in
            // "max" is no number; version 1 writes "unlimited" as a number near 2^63.
            guard let most = machine.line("\(directory)/\(limit)").flatMap({ Int($0) }), most < 1 << 60 else {
                return nil
            }
            return Bound(
                most: most, used: machine.line("\(directory)/\(usage)").flatMap { Int($0) } ?? 0, directory: directory)
        }.min { $0.most - $0.used < $1.most - $1.used }
    }

    /// A line such as `0::/user.slice` or `4:memory:/docker/1f`.
    private static func group(_ line: Substring) -> (controllers: [String], path: String)? {
        let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        return (parts[1].split(separator: ",").map(String.init), String(parts[2]))
    }

    private static func directories(_ mount: Mount, _ path: String, _ machine: MachineView) -> [String] {
        // In a container the mount may show a part of the tree only, which then begins at the mount's root.
        var rest = path.hasPrefix(mount.root) ? String(path.dropFirst(mount.root.count)) : path
        if !rest.hasPrefix("/") { rest = "/" + rest }
        if !SmallFile.exists(machine.root + mount.point + rest) { rest = "/" }
        var directories: [String] = []
        while rest.count > 1 {
            directories.append(mount.point + rest)
            rest = String(rest[..<(rest.lastIndex(of: "/") ?? rest.startIndex)])
        }
        return directories + [mount.point]
    }

    /// A line of `mountinfo`: `36 35 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw`.
    private struct Mount {
        let root: String
        let point: String
        let kind: String
        let options: [String]

        init?(_ line: Substring) {
            let fields = line.split(separator: " ").map(String.init)
            guard let dash = fields.firstIndex(of: "-"), dash > 4, dash + 1 < fields.count else { return nil }
            root = fields[3] == "/" ? "" : fields[3]
            point = fields[4]
            kind = fields[dash + 1]
            options = dash + 3 < fields.count ? fields[dash + 3].split(separator: ",").map(String.init) : []
        }
    }
}
