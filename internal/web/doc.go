// Package web is the door of a node: it turns HTTP into typed calls and answers into bytes, the same way for every area.
//
// An area registers its routes as a table of contents:
//
//	web.Get(m, "/api/points/{point}", web.May("network.read"), s.point)
//	web.Post(m, "/api/contacts", web.May("assist.record"), s.record, web.Status(201), web.Summary("Record a contact"))
//
// The permission is a parameter, so no route can lack one, and the same line yields the entry in /api/openapi.json.
// A handler has the form
//
//	func(ctx context.Context, who access.Actor, in *In) (Out, error)
//
// In is a struct. Its fields come from the request by their tags:
//
//	path:"point"       a segment of the path, always required
//	query:"day"        a query parameter; required:"true", default:"20" and the limits of JSON Schema as further tags
//	header:"If-Match"  a header
//	multipart:"file"   a part of an upload: web.Upload for a file, any scalar for a field
//	raw:"text/csv"     the whole body as []byte, when its type is one of those listed (comma between them)
//	Body               the JSON body, of any type; a pointer makes the body optional
//
// Limits in tags (minLength, maximum, enum, pattern, maxItems, doc ...) are those of huma, whose schemas and validation
// we use. A field without omitempty or omitzero must be present. Fields nobody knows, doubled keys, letters that hide or
// turn text (NUL, control characters, direction overrides) and broken UTF-8 are refused, every fault at once, and no
// answer repeats what was sent.
//
// Out is what is written as JSON, or File, HTML or Empty. An Out that also has the method of SessionCookie begins or
// ends a session. Errors are those of package fault, written as problem+json (RFC 9457) with their stable codes.
//
// Of huma we take schemas, validation and the OpenAPI document, not its request pipeline: here the permission is
// decided, and a refusal logged, before a byte of the body is read; the body is parsed once under stricter rules than
// encoding/json has; and what is absent and what is out of scope are the same bytes.
package web
