//go:build deps

// Package deps pins modules while the packages that use them are being written.
package deps

import (
	_ "github.com/BurntSushi/toml"
	_ "github.com/HdrHistogram/hdrhistogram-go"
	_ "github.com/anishathalye/porcupine"
	_ "github.com/chromedp/chromedp"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/klauspost/compress/zstd"
	_ "github.com/montanaflynn/stats"
	_ "github.com/prometheus/client_golang/prometheus"
	_ "github.com/rogpeppe/go-internal/testscript"
	_ "github.com/spf13/cobra"
	_ "github.com/tidwall/gjson"
	_ "github.com/tidwall/sjson"
	_ "github.com/tsenart/vegeta/v12/lib"
	_ "github.com/valyala/fasthttp"
	_ "github.com/vbauerster/mpb/v8"
	_ "golang.org/x/net/webdav"
	_ "golang.org/x/perf/benchmath"
	_ "modernc.org/sqlite"
	_ "pgregory.net/rapid"
)
