import { EvaluationError } from '@marcbachmann/cel-js';

/** Stops an evaluation; the message is what the apiserver would say. */
export function fail(message: string): never {
  throw new EvaluationError({ code: 'function_error', message });
}
