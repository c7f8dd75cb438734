// Package lineartest proves the adapter for Linear against a fake one.
package lineartest
