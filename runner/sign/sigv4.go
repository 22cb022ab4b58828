package sign

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"tussle/scenarios"
)

// sigV4 is AWS Signature Version 4, as S3 and everything that speaks like it
// want it.
type sigV4 struct {
	signer          *v4.Signer
	keys            aws.Credentials
	base            Base
	region, service string
}

func newSigV4(t scenarios.Sign, base Base, text func(scenarios.Text) string) (Signer, error) {
	s := &sigV4{base: base, region: t.Region, service: t.Service,
		keys: aws.Credentials{AccessKeyID: text(t.Key), SecretAccessKey: text(t.Secret), SessionToken: text(t.Session)}}
	s.signer = v4.NewSigner(func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = t.Service == "s3" // whose paths are escaped once, as they are sent
	})
	return s, errors.Join(needed("key", s.keys.AccessKeyID), needed("secret", s.keys.SecretAccessKey), needed("region", s.region), needed("service", s.service))
}

func (s *sigV4) Sign(r Request, now time.Time) error {
	body := r.Body()
	req, err := http.NewRequest(r.Method(), s.base.Scheme+"://"+s.base.Host+string(r.Target()), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.EachHeader(func(name, value []byte) {
		if n := string(name); n == "Content-Type" || n == "Content-Md5" || n == "Range" || strings.HasPrefix(n, "X-Amz-") {
			req.Header.Add(n, string(value))
		}
	})
	h := sha256.Sum256(body)
	hash := hex.EncodeToString(h[:])
	if s.service == "s3" {
		req.Header.Set("X-Amz-Content-Sha256", hash)
	}
	if err := s.signer.SignHTTP(context.Background(), s.keys, req, hash, s.service, s.region, now.UTC()); err != nil {
		return err
	}
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"} {
		if v := req.Header.Get(name); v != "" {
			r.SetHeader(name, []byte(v))
		}
	}
	return nil
}
