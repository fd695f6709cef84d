/*
 * /proc/cgroups, cgroups(7): one line for each v1 controller that the kernel was built with; the last field says whether
 * it is on. Of v2 it says nothing, and newer kernels leave controllers out that only v2 has.
 *
 *   #subsys_name	hierarchy	num_cgroups	enabled
 *   memory	0	117	0
 */

/** The controllers that the kernel has and that are turned off. */
export function disabledControllers(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [name, hierarchy, cgroups, enabled, ...more] = line.split('\t');
    const isLine = name !== undefined && /^\d+$/.test(hierarchy ?? '') && /^\d+$/.test(cgroups ?? '');
    return isLine && enabled === '0' && more.length === 0 ? [name] : [];
  });
}
