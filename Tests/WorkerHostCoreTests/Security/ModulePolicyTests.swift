import Testing
import WorkerHostCore

@Suite struct ModulePolicyTests {
    @Test(arguments: ["a", "a.b", "_x.y1", "größe.wert"])
    func names(module: String) { #expect(ModulePolicy().problem(with: module) == nil) }

    @Test(arguments: ["", ".", "a.", ".a", "a-b", "1a", "a b", "a/b", "a;b", "-c"])
    func noNames(module: String) {
        #expect(ModulePolicy().problem(with: module)?.contains("is not the name of a Python module") == true)
    }

    @Test func aFileName() {
        #expect(
            ModulePolicy().problem(with: "worker.py.") != nil
                && ModulePolicy().problem(with: "my-worker.py")?.hasSuffix(", without '.py'") == true)
    }

    @Test func restrictedModulesCoverTheirSubmodules() {
        let policy = ModulePolicy(restricted: ["os", "a.b"])
        #expect(policy.problem(with: "os") != nil)
        #expect(policy.problem(with: "os.path") != nil)
        #expect(policy.problem(with: "osx") == nil)
        #expect(policy.problem(with: "a") == nil)
        #expect(policy.problem(with: "a.b.c")?.contains("'a.b.c' (by 'a.b') is forbidden") == true)
    }

    @Test func commandsThatRunAModule() {
        let policy = ModulePolicy(restricted: ["os"])
        #expect(policy.problem(withCommand: ["/usr/bin/python3.11", "-u", "-m", "os.path"]) != nil)
        #expect(policy.problem(withCommand: ["python", "-mos"]) != nil)
        #expect(policy.problem(withCommand: ["python", "script", "-m", "os"]) == nil)
        #expect(policy.problem(withCommand: ["/bin/tool", "-m", "os"]) == nil)
        #expect(policy.problem(withCommand: []) == nil)
    }
}
