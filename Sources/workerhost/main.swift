await CommandDriver.runAndExit(CommandLine.arguments)
