/** A fault that the person at the terminal can mend: shown as one line, without a stack trace. */
export class StartError extends Error {}
