import WorkerHostSQLite

SQLiteLibrary.prepareProgram()
await CommandDriver.runAndExit(CommandLine.arguments)
