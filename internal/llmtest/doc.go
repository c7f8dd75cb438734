// Package llmtest tests the modules under llm against traffic of the providers' APIs, in
// testdata, which a local server sends.
package llmtest
