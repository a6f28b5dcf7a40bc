/** `get` was asked for something that cannot be: the command ends with this one message and status 2. */
export class GetInputError extends Error {
  override readonly name = 'GetInputError';
}
