import type { NewObject } from './request.ts';
export const warningsOfCreate = (_object: NewObject): readonly string[] => [];
