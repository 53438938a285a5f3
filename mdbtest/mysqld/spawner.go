package mysqld

import "runtime"

// A spawner starts all processes of a cluster from one operating system thread
// that lives as long as the cluster. The kernel kills a child when the thread
// that forked it ends, not when the process does: a child forked by a thread
// that the Go runtime retires would die in the middle of a test.
type spawner struct {
	jobs chan func()
	done chan struct{} // closed when the thread has ended
}

func newSpawner() *spawner {
	s := &spawner{jobs: make(chan func()), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		for job := range s.jobs {
			job()
		}
	}()
	return s
}

// do runs fork on the thread and returns what it returned.
func (s *spawner) do(fork func() error) error {
	result := make(chan error, 1)
	s.jobs <- func() { result <- fork() }
	return <-result
}

// close ends the thread, and with it every child that is still alive.
func (s *spawner) close() {
	close(s.jobs)
	<-s.done
}
