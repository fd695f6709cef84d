export { accepted } from './accepted.ts';
export { boolean } from './boolean.ts';
export { type Command, runCommand } from './command.ts';
export { type CommandLine, parseCommandLine, problemsText } from './command-line.ts';
export { errorWords } from './error-words.ts';
export type { Flag, FlagTable, FlagValues, Outcome, Parse } from './flag.ts';
export {
  choice,
  duration,
  integer,
  optionalChoice,
  optionalDuration,
  optionalText,
  parsed,
  parsedList,
  requiredText,
  text,
  textList,
} from './flags.ts';
export { type FlagSections, helpText, sectionedHelpText } from './help-text.ts';
export { openPort, type PortToOpen } from './open-port.ts';
export { type LogLevel, type Program, runProgram } from './program.ts';
