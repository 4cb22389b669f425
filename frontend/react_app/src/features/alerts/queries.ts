import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import {
  alertRulesCreate,
  alertRulesDestroy,
  alertRulesList,
  alertRulesPartialUpdate,
  channelsCreate,
  channelsDestroy,
  channelsList,
  channelsPartialUpdate,
  channelsTest,
  type AlertKind,
  type AlertRuleUpdateRequest,
  type AlertChannel,
} from "@/lib/api";

import type { ChannelBody } from "./channelForm";

const ALL = 200;

export const rulesQuery = queryOptions({
  queryKey: ["alert-rules"],
  queryFn: ({ signal }) => alertRulesList({ query: { page_size: ALL }, signal }),
});

export const channelsQuery = queryOptions({
  queryKey: ["alert-channels"],
  queryFn: ({ signal }) => channelsList({ query: { page_size: ALL }, signal }),
});

/** Keeps a rule: a new one where no id is given. */
export function useSaveRule() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, kind, body }: { id: number | null; kind: AlertKind; body: AlertRuleUpdateRequest }) =>
      id === null ? alertRulesCreate({ body: { kind, ...body } }) : alertRulesPartialUpdate({ path: { id }, body }),
    onSuccess: () => client.invalidateQueries({ queryKey: rulesQuery.queryKey }),
  });
}

/** Lets a rule act, or rest. */
export function useSwitchRule() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, on }: { id: number; on: boolean }) =>
      alertRulesPartialUpdate({ path: { id }, body: { is_active: on } }),
    onSuccess: () => client.invalidateQueries({ queryKey: rulesQuery.queryKey }),
  });
}

export function useDeleteRule() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => alertRulesDestroy({ path: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: rulesQuery.queryKey }),
  });
}

/** Keeps a channel: a new one where no id is given. */
export function useSaveChannel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, kind, body }: { id: number | null; kind: AlertChannel["kind"]; body: ChannelBody }) =>
      id === null ? channelsCreate({ body: { kind, ...body } }) : channelsPartialUpdate({ path: { id }, body }),
    onSuccess: () => client.invalidateQueries({ queryKey: channelsQuery.queryKey }),
  });
}

/** Rules name channels, so they are read again too. */
export function useDeleteChannel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => channelsDestroy({ path: { id } }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: channelsQuery.queryKey }),
        client.invalidateQueries({ queryKey: rulesQuery.queryKey }),
      ]),
  });
}

/** Sends a test through a channel; how it went stands with the channel. */
export function useTestChannel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => channelsTest({ path: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: channelsQuery.queryKey }),
  });
}
