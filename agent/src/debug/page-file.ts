/** One file of the page, as it is served. */
export interface PageFile {
  /** Its Content-Type, such as `text/css; charset=utf-8`. */
  readonly type: string;
  readonly body: string | Buffer;
}

/** The page's files by the path at which they are served; `/` is the page itself. */
export type PageFiles = ReadonlyMap<string, PageFile>;
