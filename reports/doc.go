// Package reports turns result files into something to read: a table for a terminal (Text), a test report for a build
// server (JUnit) and a page for people who decide and for people who build (HTML). It is code; what it writes goes elsewhere.
// It reads package result alone, and judges nothing anew: verdicts are the audit's and those of compare, only the ranking is made here.
package reports
