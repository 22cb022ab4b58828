package servers

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// apache is httpd with mod_dav, mod_dav_fs and mod_dav_lock. With FileETag
// Digest the tag is a hash of the contents. By default it is made of size and
// time, and weak while the file is younger than a second.
func apache(name, what, etag string) Kind {
	return Kind{
		Name: name, Product: "Apache httpd", What: what, Program: "/usr/sbin/apache2", Debian: "apache2-bin",
		path: "/dav/", version: []string{"-v"}, find: regexp.MustCompile(`Apache/([0-9.]+)`), ports: 1, health: "/dav/",
		prepare: func(dir string, ports []int) ([]string, error) {
			modules := "/usr/lib/apache2/modules"
			var b strings.Builder
			line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
			for _, m := range []string{"mpm_event", "authz_core", "mime", "dir", "autoindex", "dav", "dav_fs", "dav_lock", "deflate", "filter"} {
				line("LoadModule %s_module %s/mod_%s.so", m, modules, m)
			}
			line("ServerName 127.0.0.1\nListen 127.0.0.1:%d", ports[0])
			line("ServerRoot %s\nPidFile %s/httpd.pid\nMutex file:%s default", dir, dir, dir)
			line("ErrorLog %s/error.log\nLogLevel error", dir)
			line("DocumentRoot %s/root\nDAVLockDB %s/davlock", dir, dir)
			line("StartServers 2\nServerLimit 4\nThreadsPerChild 64\nMaxRequestWorkers 256\nMaxKeepAliveRequests 0\nKeepAliveTimeout 60")
			line("TypesConfig /dev/null")
			line("<Directory %s/root>\nRequire all granted\nOptions Indexes\nDav On\n%s\n</Directory>", dir, etag)
			if err := os.MkdirAll(filepath.Join(dir, "root", "dav"), 0o777); err != nil {
				return nil, err
			}
			file := filepath.Join(dir, "httpd.conf")
			return []string{"-f", file, "-DFOREGROUND"}, os.WriteFile(file, []byte(b.String()), 0o644)
		},
	}
}

// nginx is nginx with its DAV module and dav-ext, which adds LOCK and UNLOCK.
var nginx = Kind{
	Name: "nginx", Product: "nginx", What: "dav and dav-ext", Program: "/usr/sbin/nginx", Debian: "nginx-light libnginx-mod-http-dav-ext",
	path: "/dav/", version: []string{"-v"}, find: regexp.MustCompile(`nginx/([0-9.]+)`), ports: 1, health: "/dav/",
	prepare: func(dir string, ports []int) ([]string, error) {
		conf := strings.NewReplacer("DIR", dir, "PORT", fmt.Sprint(ports[0])).Replace(`load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
daemon off;
worker_processes 2;
pid DIR/nginx.pid;
error_log DIR/error.log crit;
events { worker_connections 512; }
http {
  access_log off;
  dav_ext_lock_zone zone=locks:1m;
  client_body_temp_path DIR/body;
  proxy_temp_path DIR/proxy;
  fastcgi_temp_path DIR/fastcgi;
  uwsgi_temp_path DIR/uwsgi;
  scgi_temp_path DIR/scgi;
  keepalive_requests 1000000;
  gzip on;
  gzip_min_length 1;
  gzip_types *;
  server {
    listen 127.0.0.1:PORT;
    root DIR/root;
    location / {
      autoindex on;
      dav_methods PUT DELETE MKCOL COPY MOVE;
      dav_ext_methods PROPFIND OPTIONS LOCK UNLOCK;
      dav_ext_lock zone=locks;
    }
  }
}
`)
		if err := os.MkdirAll(filepath.Join(dir, "root", "dav"), 0o777); err != nil {
			return nil, err
		}
		file := filepath.Join(dir, "nginx.conf")
		return []string{"-e", filepath.Join(dir, "error.log"), "-c", file, "-p", dir}, os.WriteFile(file, []byte(conf), 0o644)
	},
}

// etcd is one member of etcd, spoken to through its JSON gateway.
var etcd = Kind{
	Name: "etcd", Product: "etcd", What: "one member, JSON gateway", Program: "/usr/bin/etcd", Debian: "etcd-server",
	path: "", version: []string{"--version"}, find: regexp.MustCompile(`etcd Version: ([0-9.]+)`), ports: 2, health: "/health",
	prepare: func(dir string, ports []int) ([]string, error) {
		clients, peers := fmt.Sprintf("http://127.0.0.1:%d", ports[0]), fmt.Sprintf("http://127.0.0.1:%d", ports[1])
		return []string{"--data-dir", filepath.Join(dir, "data"), "--logger", "zap", "--log-level", "error",
			"--listen-client-urls", clients, "--advertise-client-urls", clients,
			"--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", "default=" + peers}, nil
	},
}
