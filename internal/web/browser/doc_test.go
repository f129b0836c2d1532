// Package browser tests the status page in a real browser: that what is on it is seen, works with and without the
// script, stays in its place when it refreshes, and asks nobody else for anything. It is a module of its own, so that the
// exporter does not depend on what drives the browser.
//
// Where no browser is found, the tests are skipped and say so. CREDITS_TEST_BROWSER names one that is elsewhere.
package browser
