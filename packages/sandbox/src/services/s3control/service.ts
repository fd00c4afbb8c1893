import { AwsError } from '../../wire/errors.ts';
import { loadModel } from '../../wire/model.ts';
import { TemplateRouter } from '../../wire/template-router.ts';
import { handlersOf, type LoadedService, type Survey } from '../service.ts';
import { accessPointArn } from '../../store/arns.ts';
import { accessPointHandlers } from './access-points.ts';
import { model } from './model.data.ts';
import { publicAccessBlockHandlers } from './public-access-block.ts';

const s3controlModel = loadModel(model);

export const s3control: LoadedService = {
  model: s3controlModel,
  router: new TemplateRouter(s3controlModel),
  handlers: handlersOf({ ...publicAccessBlockHandlers, ...accessPointHandlers }),
  survey,
  isData: () => false,
};

/** An account speaks for itself alone. */
function survey(
  _: string,
  input: Record<string, unknown>,
  { caller, region, store }: Parameters<LoadedService['survey']>[2],
): Survey {
  const account = input['AccountId'];
  if (typeof account === 'string' && account !== caller.account)
    throw new AwsError('AccessDenied', 'Access Denied', { status: 403 });
  const name = input['Name'];
  if (typeof name !== 'string') return {};
  const arn = accessPointArn({ name, account: caller.account, region });
  const accessPoint = store.accessPoints.get(`${caller.account}/${name}`);
  return {
    ...(accessPoint?.region === region && { accessPoint }),
    resources: [{ type: 'AWS::S3::AccessPoint', arn, account: caller.account }],
  };
}
