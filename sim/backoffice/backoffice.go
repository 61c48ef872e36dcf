// Package backoffice is what a shop does behind its channels: it picks what was promised, keeps a list of those who wait, holds units
// back from displays, orders from its supplier, and counts what all of it cost.
//
// Everything here is plain state without a clock, a random stream or an engine of its own. Whoever drives it says when a thing happens;
// the times of one value's calls don't decrease. Nothing here is safe for concurrent use. What is kept grows with SKUs and with
// what is under way, and not with what has happened.
package backoffice
