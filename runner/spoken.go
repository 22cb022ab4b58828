package runner

import (
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/retry"
	"tussle/runner/secrets"
	"tussle/runner/sign"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// spoken is one strategy made ready to be spoken to the target.
type spoken struct {
	scenarios.Strategy
	speak    *dialect.Dialect
	retry    retry.Policy
	identify string
	fencing  bool
	ttl      time.Duration
	end      *transport.Endpoint
	readEnd  *transport.Endpoint // of reads, when they go elsewhere
	who      []*identity
	prepared map[string]dialect.Text // what the step prepare captured
	mask     func(string) string
	reg      *secrets.Registry

	cookies bool             // Set-Cookie is obeyed
	joins   *dialect.Dialect // what each client does once; nil: nothing
	joined  []scenarios.Step // its steps
	members members
	sign    sign.Signer // nil: nothing is signed
}

// speakAll compiles every strategy against the running target; readURL is
// where reads may go instead, "" when there is no such place.
func speakAll(s *scenarios.Scenario, tg *target, run, readURL string, reg *secrets.Registry) ([]*spoken, error) {
	var out []*spoken
	signer, err := signing(s, tg.url, reg)
	if err != nil {
		return nil, err
	}
	for _, st := range s.Strategies {
		sp := &spoken{Strategy: st, identify: st.Identify.By, mask: reg.Mask, reg: reg, sign: signer, cookies: obeysCookies(s.Target), joined: s.Target.Join.List()}
		base, err := url.Parse(tg.url)
		if err != nil {
			return nil, &CannotRun{What: "target url: " + err.Error()}
		}
		path := strings.TrimSuffix(base.Path, "/")
		if tg.builtin {
			path = schemePath(st.Target)
		}
		if sp.end, err = transport.NewEndpoint(tg.url, tlsFiles(s.Target)); err != nil {
			return nil, &CannotRun{What: err.Error()}
		}
		password, sent := sp.end.ProxyPassword()
		reg.Add("proxy password", password)
		reg.Add("proxy password", sent)
		if readURL != "" {
			if sp.readEnd, err = transport.NewEndpoint(readURL, tlsFiles(s.Target)); err != nil {
				return nil, &CannotRun{What: err.Error()}
			}
		}
		options := dialect.Options{Origin: base.Scheme + "://" + base.Host, BasePath: path, Gzip: s.Target.Gzip, ContentType: contentType(s.Target.Headers), Mask: reg.Mask, Window: reg.Window, Getenv: reg.Getenv}
		if sp.speak, err = dialect.Compile(st.Speaks, st.Outcomes, st.Identify, options); err != nil {
			return nil, err
		}
		if sp.joins, err = joining(s.Target, st.Outcomes, options); err != nil {
			return nil, err
		}
		if sp.retry, err = retry.New(st.Retry); err != nil {
			return nil, err
		}
		if sp.who, err = identities(s.Target, run, path, sp.end, signer, reg); err != nil {
			return nil, err
		}
		if lock, ok := st.Speaks[string(history.StepLock)]; ok && st.Locking == "pessimistic" {
			sp.ttl = time.Duration(lock.TTL)
			sp.fencing = lock.Fence != "" && (sp.speak.Uses(history.StepWrite, dialect.Fence) || sp.speak.Uses(history.StepDelete, dialect.Fence))
		}
		out = append(out, sp)
	}
	return out, nil
}

// signing makes what signs the requests of a run; nil where nothing does.
func signing(s *scenarios.Scenario, target string, reg *secrets.Registry) (sign.Signer, error) {
	base, err := url.Parse(target)
	if err != nil {
		return nil, &CannotRun{What: "target url: " + err.Error()}
	}
	signer, err := sign.New(s.Target.Sign, sign.Base{Scheme: base.Scheme, Host: base.Host}, func(t scenarios.Text) string { return value(t, reg) })
	if err != nil {
		return nil, &CannotRun{What: err.Error(), Hint: "see target.sign in the scenario"}
	}
	return signer, nil
}

// unsign ends what signs, where that is a process.
func unsign(speak []*spoken) {
	if len(speak) == 0 {
		return
	}
	if c, ok := speak[0].sign.(io.Closer); ok {
		_ = c.Close()
	}
}

// schemePath is the first segment of a built-in target's paths: the strategy's
// scheme, with its other target options as path parameters (RFC 3986, 3.3).
func schemePath(options map[string]string) string {
	path := "/" + options["scheme"]
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if name != "scheme" {
			path += ";" + url.PathEscape(name) + "=" + url.PathEscape(options[name])
		}
	}
	return path
}

// contentType is the type that the target's headers give to bodies, "" when
// they give none.
func contentType(headers map[string]scenarios.Text) string {
	for name, text := range headers {
		if strings.EqualFold(name, "Content-Type") {
			return text.Template
		}
	}
	return ""
}

// curl is the command that sends a step's request as an identity does; ""
// where it cannot be made.
func (sp *spoken) curl(step history.Step, v *dialect.Vars, who *identity) string {
	req, err := sp.speak.Shown(step, v)
	if err != nil {
		return ""
	}
	return sp.mask(who.showLoggedIn(v, req).Curl())
}
