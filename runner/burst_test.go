package runner

import "testing"

// Who was let go begins its operation, though the block ends at that instant:
// the others of the round wait for its write.
func TestAReleasedClientIsOfTheRound(t *testing.T) {
	for range 500 {
		g := newGate("barrier", 2, func() {})
		other := make(chan bool)
		go func() { other <- g.start() }()
		began := g.start()
		g.close()
		if with := <-other; began && !with {
			t.Fatal("a client was released and did not begin: the other one would wait for it for ever")
		}
		if g.start() {
			t.Fatal("a client began after the end")
		}
	}
}
