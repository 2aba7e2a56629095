public import WorkerHostCore
public struct X {}
