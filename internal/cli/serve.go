package cli

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tussle/runner/transport"
	"tussle/targets"
)

func serveCommand(e *env) *cobra.Command {
	var addr, defect string
	var options, allowHosts []string
	var parent bool
	c := &cobra.Command{
		Use:   "serve TARGET",
		Short: "serve a built-in target on loopback: " + strings.Join(targets.Names(), ", "),
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if _, err := targets.Find(args[0]); err != nil {
				return usage(err.Error(), "see tussle serve --help")
			}
			if host, _, err := net.SplitHostPort(addr); err != nil {
				return usage("--addr "+addr+": HOST:PORT was expected", "such as --addr 127.0.0.1:8080")
			} else if !transport.Loopback(host) && !slices.Contains(allowHosts, host) {
				return usage(fmt.Sprintf("--addr %s: others could reach it", addr), "listen on 127.0.0.1; if others shall, add --allow-host "+host)
			}
			o := map[string]string{}
			for _, kv := range options {
				k, v, ok := strings.Cut(kv, "=")
				if !ok {
					return usage("option "+kv+": name=value was expected", "see tussle serve --help")
				}
				o[k] = v
			}
			if defect != "" {
				o["defect"] = defect
			}
			heard := listen()
			defer heard.restore()
			ctx, cancel := heard.untilFirst()
			defer cancel()
			var watch io.Reader
			if parent {
				watch = e.in
			}
			if err := targets.Serve(ctx, args[0], o, addr, e.out, watch); err != nil {
				return &hinted{exitCannotRun, err.Error(), "see tussle serve --help"}
			}
			return nil
		},
	}
	fl := c.Flags()
	fl.StringVar(&addr, "addr", "127.0.0.1:0", "loopback address to listen on")
	fl.StringArrayVar(&allowHosts, "allow-host", nil, "an address outside loopback that --addr may name (repeatable)")
	fl.StringArrayVar(&options, "option", nil, "an option of the target: name=value (repeatable)")
	fl.StringVar(&defect, "defect", "", "serve a named defect (see docs/track-record.md)")
	fl.BoolVar(&parent, "parent", false, "end when standard input is closed")
	return c
}
