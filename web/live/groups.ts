/** Groups and tags of cameras as filters. Pure. */
import type { CameraView } from '../../types/api.ts';

/** A group or a tag that cameras have. */
export interface Filter {
  /** As it stands in the address: a group and a tag may have the same name. */
  readonly key: string;
  readonly name: string;
  readonly count: number;
}

/** Groups in the order of the cameras, then tags by name. What holds for every camera or none tells nothing apart. */
export function filtersOf(list: readonly Pick<CameraView, 'group' | 'tags'>[]): readonly Filter[] {
  const groups = list.flatMap(({ group }) => (group === undefined ? [] : [group]));
  const tags = list.flatMap(({ tags: each }) => each ?? []).sort((a, b) => a.localeCompare(b));
  return [...counted('group', groups), ...counted('tag', tags)].filter(({ count }) => count < list.length);
}

/** The cameras that a filter shows. @param key of a filter */
export function filtered<T extends Pick<CameraView, 'group' | 'tags'>>(
  list: readonly T[],
  key: string,
): readonly T[] {
  return list.filter(({ group, tags = [] }) =>
    [group === undefined ? [] : [`group:${group}`], tags.map((tag) => `tag:${tag}`)].flat().includes(key),
  );
}

function counted(kind: 'group' | 'tag', names: readonly string[]): readonly Filter[] {
  return [...new Set(names)].map((name) => ({
    key: `${kind}:${name}`,
    name,
    count: names.filter((each) => each === name).length,
  }));
}
