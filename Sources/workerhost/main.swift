print("workerhost")
