/** A command that can't be done: one line on stderr that names the thing and the mend, exit code 1 (or 2: wrong usage). */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
