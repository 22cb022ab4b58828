//go:build !unix

package throwaway

// Server is a server and the directory that it may write to. There is none on
// this system.
type Server struct {
	Dir string // everything that it wrote
}

// Stop does nothing.
func (s *Server) Stop() error { return nil }
