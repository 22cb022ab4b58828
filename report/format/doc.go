// Package format writes reports. Each format is a file, or a few, and a line
// in [Formats]; all of them show the same model, in the words of package say.
package format
