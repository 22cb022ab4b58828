package fault

// The request asks for a compressed answer. Some servers then answer another
// ETag than without (RFC 9110, 8.8.3.3), and refuse their own.
//
// Effective: the answer came compressed.
var gzip = Kind{
	Name: "gzip", Acts: OnRequest,
	Spoil: func(_ *Fault, x *Exchange) Done {
		x.Req.SetHeader("Accept-Encoding", []byte("gzip"))
		x.plain()
		return Done{Injected: x.Result.Started, Effective: x.Result.Err == nil && string(x.Resp.Header("Content-Encoding")) == "gzip"}
	},
}
