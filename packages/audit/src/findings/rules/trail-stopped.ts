import type { EventRule } from '../rule.ts';

export const trailStopped: EventRule = {
  code: 'trail-stopped',
  severity: 'high',
  title: 'A trail was stopped, deleted or changed in what it records',
  help: 'see that it was meant; what happened since is not in the records',
  events: ['StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors'],
  judge(event) {
    const isEnd = event.name === 'StopLogging' || event.name === 'DeleteTrail';
    const trail = event.request['name'] ?? event.request['trailName'] ?? 'a trail';
    return {
      message: `${event.caller} called ${event.name} on ${typeof trail === 'string' ? trail : 'a trail'}`,
      severity: isEnd ? 'high' : 'medium',
    };
  },
};
