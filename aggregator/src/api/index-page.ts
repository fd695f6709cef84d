import type { ApiResponse } from './api-message.ts';
import { respondIndentedJson } from './document.ts';
import { goJson } from './go-json.ts';
import { groupName, groupVersion, versions } from './metrics-group.ts';
import { openApiPaths } from './openapi.ts';

/** What is served, for `/` (200) and for paths outside the API (404). `otherPaths` are served around the API. */
export function respondIndex(status: number, otherPaths: readonly string[]): ApiResponse {
  const own = ['/apis', `/apis/${groupName}`, ...versions.map((version) => `/apis/${groupVersion(version)}`)];
  const paths = [...own, ...openApiPaths, '/version', ...otherPaths].sort();
  return respondIndentedJson(status, goJson({ paths }));
}
