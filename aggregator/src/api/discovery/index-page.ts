import { openApiPaths } from '../openapi/openapi.ts';
import type { ApiResponse } from '../protocol/api-message.ts';
import { respondIndentedJson } from '../protocol/document.ts';
import { groupName, groupVersion, versions } from '../protocol/metrics-group.ts';
import { goJson } from '../text/go-json.ts';

/** What is served, for `/` (200) and for paths outside the API (404). `otherPaths` are served around the API. */
export function respondIndex(status: number, otherPaths: readonly string[]): ApiResponse {
  const own = ['/apis', `/apis/${groupName}`, ...versions.map((version) => `/apis/${groupVersion(version)}`)];
  const paths = [...own, ...openApiPaths, '/version', ...otherPaths].sort();
  return respondIndentedJson(status, goJson({ paths }));
}
