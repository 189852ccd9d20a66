/** A line on stderr that changes in place while one waits; silent where nobody watches. */
export class StatusLine {
  #isShown = false

  show(text: string): void {
    if (!process.stderr.isTTY) return
    process.stderr.write(`\r\u001b[2K${text}`)
    this.#isShown = true
  }

  clear(): void {
    if (this.#isShown) process.stderr.write('\r\u001b[2K')
    this.#isShown = false
  }
}
