// Written by scripts/generate-catalog.mjs. Do not edit.
import type { ServiceText } from './read.ts';

export const S3: ServiceText = {
  keys: `
S aws:RequestTag/*
S aws:ResourceTag/*
S* aws:TagKeys
S s3:AccessGrantScope
A s3:AccessGrantsInstanceArn
S s3:AccessGrantsLocationScope
S s3:AccessPointNetworkOrigin
S s3:AccessPointTag/*
S s3:annotation-prefix
S s3:authType
S s3:BucketTag/*
S s3:DataAccessPointAccount
A s3:DataAccessPointArn
S s3:delimiter
A s3:deliverySourceArn
S s3:destinationRegion
S s3:ExistingJobOperation
N s3:ExistingJobPriority
S s3:ExistingObjectTag/*
S s3:if-match
S s3:if-none-match
S* s3:InventoryAccessibleOptionalFields
B s3:isReplicationPauseRequest
S s3:JobSuspendedCause
S s3:locationconstraint
S s3:logType
N s3:max-annotation-results
N s3:max-keys
S s3:object-lock-event-hold
N s3:object-lock-event-hold-duration-days
S s3:object-lock-legal-hold
S s3:object-lock-mode
N s3:object-lock-remaining-retention-days
D s3:object-lock-retain-until-date
B s3:ObjectCreationOperation
S s3:prefix
S s3:RequestJobOperation
N s3:RequestJobPriority
S s3:RequestObjectTag/*
S* s3:RequestObjectTagKeys
S s3:ResourceAccount
A s3:resourceArnBeingAuthorized
N s3:signatureAge
S s3:signatureversion
N s3:TlsVersion
S s3:versionid
S s3:x-amz-acl
S s3:x-amz-bucket-namespace
S s3:x-amz-content-sha256
S s3:x-amz-copy-source
S s3:x-amz-grant-full-control
S s3:x-amz-grant-read
S s3:x-amz-grant-read-acp
S s3:x-amz-grant-write
S s3:x-amz-grant-write-acp
S s3:x-amz-metadata-directive
S s3:x-amz-object-annotation-directive
S s3:x-amz-object-if-match
S s3:x-amz-object-ownership
S s3:x-amz-server-side-encryption
A s3:x-amz-server-side-encryption-aws-kms-key-id
S s3:x-amz-server-side-encryption-customer-algorithm
S s3:x-amz-storage-class
S s3:x-amz-website-redirect-location
`,
  resources: `
accessgrant arn:{Partition}:s3:{Region}:{Account}:access-grants/default/grant/{Token+} 0,1,2
accessgrantsinstance arn:{Partition}:s3:{Region}:{Account}:access-grants/default 0,1,2
accessgrantslocation arn:{Partition}:s3:{Region}:{Account}:access-grants/default/location/{Token+} 0,1,2
accesspoint arn:{Partition}:s3:{Region}:{Account}:accesspoint/{AccessPointName} 1,6,7,11,12
accesspointobject arn:{Partition}:s3:{Region}:{Account}:accesspoint/{AccessPointName}/object/{ObjectName+} 1,6,7,10,11,12
bucket arn:{Partition}:s3:::{BucketName} 1,10
job arn:{Partition}:s3:{Region}:{Account}:job/{JobId} 0,1,2
multiregionaccesspoint arn:{Partition}:s3::{Account}:accesspoint/{AccessPointAlias} -
multiregionaccesspointrequestarn arn:{Partition}:s3:us-west-2:{Account}:async-request/mrap/{Operation}/{Token+} -
object arn:{Partition}:s3:::{BucketName}/{ObjectName+} 1,10
objectlambdaaccesspoint arn:{Partition}:s3-object-lambda:{Region}:{Account}:accesspoint/{AccessPointName} -
storagelensconfiguration arn:{Partition}:s3:{Region}:{Account}:storage-lens/{ConfigId} 0,1,2
storagelensgroup arn:{Partition}:s3:{Region}:{Account}:storage-lens-group/{Name} 0,1,2
`,
  keySets: `
4,9,40,42,43,44,48
14,25,41
1,9,40,42,43,44,48
9,38,39,40,42,43,44,46,48,49,50,51,52,53,54,55,59,60,61,62,63
0,1,2,3,9,40,42,43,44,48
0,1,2,9,40,42,43,44,48
0,1,2,5,9,40,42,43,44,48
0,1,2,6,7,9,11,12,24,40,42,43,44,46,48
6,9,11,12,40,42,43,44,48
0,2,9,24,40,42,43,44,46,47,48,50,51,52,53,54,58
9,40,42,43,44,48
0,2,9,36,37,40,42,43,44,48
6,9,11,12,40,42,43,44
0,2,9,40,42,43,44,48
1,3,9,40,42,43,44,48
1,5,9,40,42,43,44,48
1,6,7,9,11,12,40,42,43,44,48
9,16,17,40,42,43,44,48
4,9,19,40,42,43,44,48
9,18,40,42,43,44,48,57
9,18,40,42,43,44,48
4,9,40,42,43,44,45,48
9,18,40,42,43,44,45,48,57
9,18,40,42,43,44,45,48
9,40,42,43,44
4,9,18,40,42,43,44,48
4,9,18,40,42,43,44,45,48
9,40,42,43,44,45,48
40
4,9,13,27,35,40,42,43,44,48
1,4,6,7,9,11,12,40,42,43,44,48
8,9,18,26,40,42,43,44,48
8,9,18,26,40,42,43,44,45,48
9,15,40,42,43,44,48
-
9,40,42,43,44,46,48,50,51,52,53,54
9,21,40,42,43,44,48
0,2,9,16,17,40,42,43,44,48
4,9,19,20,28,29,30,31,32,33,34,38,39,40,42,43,44,46,48,49,50,51,52,53,54,55,56,59,60,61,62,63
4,9,18,40,42,43,44,46,48,50,51,52,53,54,62
9,30,40,42,43,44,48
9,28,29,31,32,33,40,42,43,44,48
9,18,38,39,40,42,43,44,48
4,9,18,40,42,43,44,45,46,48,50,51,52,53,54,62
9,18,38,39,40,42,43,44,45,48
9,22,40,42,43,44,48
9,28,29,40,42,43,44,48,59,60,61
2,9,40,42,43,44,48
9,16,17,37,40,42,43,44,48
9,16,17,23,40,42,43,44,48
9,18,40,42,43,44,48,59,60
`,
  actions: `
AbortMultipartUpload W accesspointobject,object 0
AllowVendedLogDeliveryForResource R bucket! 1
AssociateAccessGrantsIdentityCenter P accessgrantsinstance! 2
BypassGovernanceRetention P accesspointobject,object 3
CreateAccessGrant P accessgrant! 4
CreateAccessGrantsInstance P accessgrantsinstance! 5
CreateAccessGrantsLocation P accessgrantslocation! 6
CreateAccessPoint W accesspoint! 7
CreateAccessPointForObjectLambda W objectlambdaaccesspoint! 8
CreateBucket W bucket! 9
CreateBucketMetadataTableConfiguration W bucket! 10
CreateJob W - 11
CreateMultiRegionAccessPoint W multiregionaccesspoint! 12
CreateStorageLensGroup W - 13
DeleteAccessGrant P accessgrant! 14
DeleteAccessGrantsInstance P accessgrantsinstance! 2
DeleteAccessGrantsInstanceResourcePolicy P accessgrantsinstance! 2
DeleteAccessGrantsLocation P accessgrantslocation! 15
DeleteAccessPoint W accesspoint! 16
DeleteAccessPointForObjectLambda W objectlambdaaccesspoint! 8
DeleteAccessPointPolicy P accesspoint! 16
DeleteAccessPointPolicyForObjectLambda P objectlambdaaccesspoint! 8
DeleteBucket W bucket! 10
DeleteBucketMetadataTableConfiguration W bucket! 10
DeleteBucketPolicy P bucket! 10
DeleteBucketWebsite W bucket! 10
DeleteJobTagging T job! 17
DeleteMultiRegionAccessPoint W multiregionaccesspoint! 12
DeleteObject W accesspointobject,object 18
DeleteObjectAnnotation W accesspointobject,object 19
DeleteObjectTagging T accesspointobject,object 20
DeleteObjectVersion W accesspointobject,object 21
DeleteObjectVersionAnnotation W accesspointobject,object 22
DeleteObjectVersionTagging T accesspointobject,object 23
DeleteStorageLensConfiguration W storagelensconfiguration! 10
DeleteStorageLensConfigurationTagging T storagelensconfiguration! 10
DeleteStorageLensGroup W storagelensgroup! 10
DescribeJob R job! 10
DescribeMultiRegionAccessPointOperation R multiregionaccesspointrequestarn! 24
DissociateAccessGrantsIdentityCenter P accessgrantsinstance! 2
GetAccelerateConfiguration R bucket! 10
GetAccessGrant R accessgrant! 14
GetAccessGrantsInstance R accessgrantsinstance! 2
GetAccessGrantsInstanceForPrefix R accessgrantsinstance! 2
GetAccessGrantsInstanceResourcePolicy R accessgrantsinstance! 2
GetAccessGrantsLocation R accessgrantslocation! 15
GetAccessPoint R - 16
GetAccessPointConfigurationForObjectLambda R objectlambdaaccesspoint! 8
GetAccessPointForObjectLambda R objectlambdaaccesspoint! 8
GetAccessPointPolicy R accesspoint! 16
GetAccessPointPolicyForObjectLambda R objectlambdaaccesspoint! 8
GetAccessPointPolicyStatus R accesspoint! 16
GetAccessPointPolicyStatusForObjectLambda R objectlambdaaccesspoint! 8
GetAccountPublicAccessBlock R - 10
GetAnalyticsConfiguration R bucket! 10
GetBucketAbac R bucket! 10
GetBucketAcl R accesspoint,bucket 10
GetBucketCORS R accesspoint,bucket 10
GetBucketLocation R accesspoint,bucket 10
GetBucketLogging R bucket! 10
GetBucketMetadataTableConfiguration R bucket! 10
GetBucketNotification R accesspoint,bucket 10
GetBucketObjectLockConfiguration R bucket! 24
GetBucketOwnershipControls R bucket! 10
GetBucketPolicy R accesspoint,bucket 10
GetBucketPolicyStatus R bucket! 10
GetBucketPublicAccessBlock R bucket! 10
GetBucketRequestPayment R bucket! 10
GetBucketTagging R bucket! 10
GetBucketVersioning R bucket! 10
GetBucketWebsite R bucket! 10
GetDataAccess R accessgrantsinstance! 2
GetEncryptionConfiguration R bucket! 10
GetIntelligentTieringConfiguration R bucket! 10
GetInventoryConfiguration R bucket! 10
GetJobTagging R job! 10
GetLifecycleConfiguration R bucket! 10
GetMetricsConfiguration R bucket! 10
GetMultiRegionAccessPoint R multiregionaccesspoint! 12
GetMultiRegionAccessPointPolicy R multiregionaccesspoint! 12
GetMultiRegionAccessPointPolicyStatus R multiregionaccesspoint! 12
GetMultiRegionAccessPointRoutes R multiregionaccesspoint! 12
GetObject R accesspointobject,object 25
GetObjectAcl R accesspointobject,object 25
GetObjectAnnotation R accesspointobject,object 20
GetObjectAttributes R accesspointobject,object 20
GetObjectLegalHold R accesspointobject,object 10
GetObjectRetention R accesspointobject,object 10
GetObjectTagging R accesspointobject,object 20
GetObjectTorrent R object! 10
GetObjectVersion R accesspointobject,object 26
GetObjectVersionAcl R accesspointobject,object 26
GetObjectVersionAnnotation R accesspointobject,object 23
GetObjectVersionAnnotationForReplication R object! 10
GetObjectVersionAttributes R accesspointobject,object 23
GetObjectVersionForReplication R object! 10
GetObjectVersionTagging R accesspointobject,object 23
GetObjectVersionTorrent R object! 27
GetReplicationConfiguration R bucket! 10
GetStorageLensConfiguration R storagelensconfiguration! 10
GetStorageLensConfigurationTagging R storagelensconfiguration! 10
GetStorageLensDashboard R storagelensconfiguration! 10
GetStorageLensGroup R storagelensgroup! 10
InitiateReplication W object! 28
ListAccessGrants L accessgrantsinstance! 2
ListAccessGrantsInstances L - 10
ListAccessGrantsLocations L accessgrantsinstance! 2
ListAccessPoints L - 10
ListAccessPointsForObjectLambda L - 10
ListAllMyBuckets L - 10
ListBucket L accesspoint,bucket 29
ListBucketMultipartUploads L bucket! 30
ListBucketVersions L accesspoint,bucket 29
ListCallerAccessGrants L accessgrantsinstance! 2
ListJobs L - 10
ListMultipartUploadParts L accesspointobject,object 0
ListMultiRegionAccessPoints L - 24
ListObjectAnnotations L accesspointobject,object 31
ListObjectVersionAnnotations L accesspointobject,object 32
ListStorageLensConfigurations L - 10
ListStorageLensGroups L - 10
ListTagsForResource L accessgrant,accessgrantsinstance,accessgrantslocation,accesspoint,bucket,storagelensgroup 10
ObjectOwnerOverrideToBucketOwner P object! 10
PauseReplication W bucket! 33
PutAccelerateConfiguration W bucket! 10
PutAccessGrantsInstanceResourcePolicy P accessgrantsinstance! 2
PutAccessPointConfigurationForObjectLambda W objectlambdaaccesspoint! 8
PutAccessPointPolicy P accesspoint! 10
PutAccessPointPolicyForObjectLambda P objectlambdaaccesspoint! 8
PutAccessPointPublicAccessBlock P - 34
PutAccountPublicAccessBlock P - 10
PutAnalyticsConfiguration W bucket! 10
PutBucketAbac W bucket! 10
PutBucketAcl P bucket! 35
PutBucketCORS W bucket! 10
PutBucketLogging W bucket! 10
PutBucketNotification W bucket! 10
PutBucketObjectLockConfiguration W bucket! 24
PutBucketOwnershipControls P bucket! 10
PutBucketPolicy P bucket! 10
PutBucketPublicAccessBlock P bucket! 10
PutBucketRequestPayment W bucket! 10
PutBucketTagging T bucket! 10
PutBucketVersioning W bucket! 10
PutBucketWebsite W bucket! 10
PutEncryptionConfiguration W bucket! 10
PutIntelligentTieringConfiguration W bucket! 10
PutInventoryConfiguration W bucket! 36
PutJobTagging T job! 37
PutLifecycleConfiguration W bucket! 10
PutMetricsConfiguration W bucket! 10
PutMultiRegionAccessPointPolicy P multiregionaccesspoint! 12
PutObject W accesspointobject,object 38
PutObjectAcl P accesspointobject,object 39
PutObjectAnnotation W accesspointobject,object 19
PutObjectLegalHold W accesspointobject,object 40
PutObjectRetention W accesspointobject,object 41
PutObjectTagging T accesspointobject,object 42
PutObjectVersionAcl P accesspointobject,object 43
PutObjectVersionAnnotation W accesspointobject,object 22
PutObjectVersionTagging T accesspointobject,object 44
PutReplicationConfiguration W bucket! 45
PutStorageLensConfiguration W - 13
PutStorageLensConfigurationTagging T storagelensconfiguration! 13
ReplicateDelete W object! 10
ReplicateObject W object! 46
ReplicateObjectAnnotation W object! 10
ReplicateTags T object! 10
RestoreObject W accesspointobject,object 10
SubmitMultiRegionAccessPointRoutes W multiregionaccesspoint! 12
TagResource T accessgrant,accessgrantsinstance,accessgrantslocation,accesspoint,bucket,storagelensgroup 13
UntagResource T accessgrant,accessgrantsinstance,accessgrantslocation,accesspoint,bucket,storagelensgroup 47
UpdateAccessGrantsLocation P accessgrantslocation! 15
UpdateBucketMetadataAnnotationTableConfiguration W bucket! 10
UpdateBucketMetadataInventoryTableConfiguration W bucket! 10
UpdateBucketMetadataJournalTableConfiguration W bucket! 10
UpdateJobPriority W job! 48
UpdateJobStatus W job! 49
UpdateObjectEncryption W accesspointobject,object 50
UpdateStorageLensGroup W storagelensgroup! 10
`,
};
