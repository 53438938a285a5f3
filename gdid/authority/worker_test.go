package authority_test

const workerOrder = "MDB_TEST_WORKER"

func work(string) int { return 0 }
