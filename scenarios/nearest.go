package scenarios

import (
	"fmt"
	"strings"
)

// Nearest is the word that needs the fewest changes of a letter to become word, ignoring case; the first of several.
// It is empty if there are no words.
func Nearest(word string, words []string) string {
	best, fewest := "", -1
	for _, w := range words {
		if d := distance(strings.ToLower(word), strings.ToLower(w)); fewest < 0 || d < fewest {
			best, fewest = w, d
		}
	}
	return best
}

// distance is Levenshtein's: insertions, deletions and substitutions, in characters.
func distance(from, to string) int {
	a, b := []rune(from), []rune(to)
	row := make([]int, len(b)+1) // from a[:i] to b[:j]
	for j := range row {
		row[j] = j
	}
	for i, ca := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, cb := range b {
			substitute := diagonal
			if ca != cb {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// longestList is how many valid names an error lists in full beside the nearest.
const longestList = 20

// suggest says which valid word was probably meant.
func suggest(word string, words []string) string {
	if len(words) == 0 {
		return "there are none"
	}
	text := fmt.Sprintf("did you mean %q?", Nearest(word, words))
	if len(words) <= longestList {
		text += " Valid: " + strings.Join(words, ", ")
	}
	return text
}

// suggestKey says where a key belongs that stands in the wrong section; of any other it says which valid one was probably meant.
func suggestKey(key string, valid []string, all schema) string {
	if places := placesOf(key, all, ""); len(places) == 1 {
		return fmt.Sprintf("did you mean %q?", places[0])
	}
	return suggest(key, valid)
}

// placesOf are the paths below under at which a section has the key, dotted.
func placesOf(key string, s schema, under string) (paths []string) {
	sections, _ := s["properties"].(schema)
	for name, of := range sections {
		if path := join(under, name); name == key {
			paths = append(paths, path)
		} else {
			paths = append(paths, placesOf(key, of.(schema), path)...)
		}
	}
	return paths
}
