export {
  type CommandLine,
  type FlagTable,
  type FlagValues,
  helpText,
  parseCommandLine,
  problemsText,
} from './command-line.ts';
export {
  choice,
  duration,
  type Flag,
  integer,
  optionalDuration,
  optionalText,
  requiredText,
  text,
  textList,
} from './flags.ts';
export { type Program, runProgram } from './program.ts';
