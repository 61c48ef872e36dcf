package redis_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
)

// fakeAnswers reads commands, which are arrays of bulk strings, and answers each.
func fakeAnswers(c net.Conn, reply func(command string) string) {
	in := bufio.NewReader(c)
	for {
		var words, size int
		if _, err := fmt.Fscanf(in, "*%d\r\n", &words); err != nil {
			return
		}
		var command []string
		for range words {
			if _, err := fmt.Fscanf(in, "$%d\r\n", &size); err != nil {
				return
			}
			word := make([]byte, size+2)
			if _, err := io.ReadFull(in, word); err != nil {
				return
			}
			command = append(command, string(word[:size]))
		}
		if _, err := io.WriteString(c, reply(strings.ToLower(command[0]))+"\r\n"); err != nil {
			return
		}
	}
}

// bulk is text as the server sends it.
func bulk(text string) string { return fmt.Sprintf("$%d\r\n%s", len(text), text) }
