import { describe, expect, it } from 'vitest';
import { comparable, formatRow, parseRecording, recordedCommands, wordsOf } from './recording.ts';

describe('parseRecording()', () => {
  it('reads commands, first versions, both outputs and exit codes', () => {
    const text = ['$ top nodes', '@ 1.34', '  NAME', '    node', '! error: no', '= 1', '', '$ get', ''];
    expect(parseRecording(text.join('\n'))).toEqual([
      { command: 'top nodes', sinceMinor: 34, code: 1, stdout: ['NAME', '  node'], stderr: ['error: no'] },
      { command: 'get', sinceMinor: 0, code: 0, stdout: [], stderr: [] },
    ]);
  });

  it('reads what formatRow() wrote', () => {
    const row = { command: 'get x', code: 3, stdout: ['a', '  b'], stderr: ['! c'] };
    expect(parseRecording(formatRow(row))).toEqual([{ ...row, sinceMinor: 0 }]);
  });

  it('refuses what has no sign', () => {
    expect(() => parseRecording('$ top\nNAME')).toThrow('"NAME"');
    expect(() => parseRecording('  NAME')).toThrow('"  NAME"');
  });
});

describe('recordedCommands()', () => {
  it('leaves out what an older kubectl does not know, and takes its own rows', () => {
    const of = (version: '1.20' | '1.32' | '1.36') =>
      new Map(recordedCommands(version).map(({ command, stdout }) => [command, stdout[0]]));
    expect(of('1.36').get('top nodes')).toContain('CPU(%)');
    expect(of('1.20').get('top nodes')).toContain('CPU%');
    expect(of('1.36').has('top nodes --show-swap')).toBe(true);
    expect(of('1.32').has('top nodes --show-swap')).toBe(false);
  });

  it('has each command once', () => {
    const commands = recordedCommands('1.36').map(({ command }) => command);
    expect(new Set(commands).size).toBe(commands.length);
  });
});

describe('wordsOf()', () => {
  it('keeps what quotes hold together, also inside of a word', () => {
    expect(wordsOf("get -l 'a in (b)' -o jsonpath='{.a b}' x")).toEqual([
      ...['get', '-l', 'a in (b)', '-o', 'jsonpath={.a b}', 'x'],
    ]);
  });
});

describe('comparable()', () => {
  const outcome = (stdout: string, stderr = '') => ({ code: 0, stdout, stderr });

  it('drops instants, versions and the widths of columns, and keeps indentation', () => {
    const stdout = 'NAME    CPU   \n  at: 2026-11-22T10:00:00Z\napiVersion: metrics.k8s.io/v1beta1\n';
    expect(comparable('get x', outcome(stdout)).stdout).toEqual([
      'NAME  CPU',
      '  at: TIME',
      'apiVersion: metrics.k8s.io/VERSION',
    ]);
  });

  it('keeps of explain only kind, version and fields', () => {
    const stdout =
      'KIND:       Pod\nDESCRIPTION:\n     what it is\n  usage\t<map[string]Quantity> -required-\n';
    expect(comparable('explain pods', outcome(stdout)).stdout).toEqual([
      'KIND:  Pod',
      '  usage  <map[string]Quantity> -required-',
    ]);
  });
});
