// Written by scripts/generate-catalog.mjs. Do not edit.
import type { ServiceText } from './read.ts';

export const KMS: ServiceText = {
  keys: `
S aws:RequestTag/*
S aws:ResourceTag/*
S* aws:TagKeys
B kms:BypassPolicyLockoutSafetyCheck
S kms:CallerAccount
S kms:CustomerMasterKeySpec
S kms:CustomerMasterKeyUsage
S kms:DataKeyPairSpec
S kms:EncryptionAlgorithm
S kms:EncryptionContext:*
S* kms:EncryptionContextKeys
S kms:ExpirationModel
A kms:GrantConstraintSourceArn
S kms:GrantConstraintType
S kms:GranteePrincipal
S kms:GranteeServicePrincipal
B kms:GrantIsForAWSResource
S* kms:GrantOperations
S kms:KeyAgreementAlgorithm
S kms:KeyOrigin
S kms:KeySpec
S kms:KeyUsage
S kms:MacAlgorithm
S kms:MessageType
B kms:MultiRegion
S kms:MultiRegionKeyType
S kms:PrimaryRegion
S kms:RecipientAttestation:ImageSha384
S kms:RecipientAttestation:NitroTPMPCR0
S kms:RecipientAttestation:NitroTPMPCR1
S kms:RecipientAttestation:NitroTPMPCR10
S kms:RecipientAttestation:NitroTPMPCR11
S kms:RecipientAttestation:NitroTPMPCR12
S kms:RecipientAttestation:NitroTPMPCR13
S kms:RecipientAttestation:NitroTPMPCR14
S kms:RecipientAttestation:NitroTPMPCR15
S kms:RecipientAttestation:NitroTPMPCR16
S kms:RecipientAttestation:NitroTPMPCR17
S kms:RecipientAttestation:NitroTPMPCR18
S kms:RecipientAttestation:NitroTPMPCR19
S kms:RecipientAttestation:NitroTPMPCR2
S kms:RecipientAttestation:NitroTPMPCR20
S kms:RecipientAttestation:NitroTPMPCR21
S kms:RecipientAttestation:NitroTPMPCR22
S kms:RecipientAttestation:NitroTPMPCR23
S kms:RecipientAttestation:NitroTPMPCR3
S kms:RecipientAttestation:NitroTPMPCR4
S kms:RecipientAttestation:NitroTPMPCR5
S kms:RecipientAttestation:NitroTPMPCR6
S kms:RecipientAttestation:NitroTPMPCR7
S kms:RecipientAttestation:NitroTPMPCR8
S kms:RecipientAttestation:NitroTPMPCR9
S kms:RecipientAttestation:PCR0
S kms:RecipientAttestation:PCR1
S kms:RecipientAttestation:PCR10
S kms:RecipientAttestation:PCR11
S kms:RecipientAttestation:PCR12
S kms:RecipientAttestation:PCR13
S kms:RecipientAttestation:PCR14
S kms:RecipientAttestation:PCR15
S kms:RecipientAttestation:PCR16
S kms:RecipientAttestation:PCR17
S kms:RecipientAttestation:PCR18
S kms:RecipientAttestation:PCR19
S kms:RecipientAttestation:PCR2
S kms:RecipientAttestation:PCR20
S kms:RecipientAttestation:PCR21
S kms:RecipientAttestation:PCR22
S kms:RecipientAttestation:PCR23
S kms:RecipientAttestation:PCR24
S kms:RecipientAttestation:PCR25
S kms:RecipientAttestation:PCR26
S kms:RecipientAttestation:PCR27
S kms:RecipientAttestation:PCR28
S kms:RecipientAttestation:PCR29
S kms:RecipientAttestation:PCR3
S kms:RecipientAttestation:PCR30
S kms:RecipientAttestation:PCR31
S kms:RecipientAttestation:PCR4
S kms:RecipientAttestation:PCR5
S kms:RecipientAttestation:PCR6
S kms:RecipientAttestation:PCR7
S kms:RecipientAttestation:PCR8
S kms:RecipientAttestation:PCR9
B kms:ReEncryptOnSameKey
S kms:ReplicaRegion
S kms:RequestAlias
S* kms:ResourceAliases
S kms:RetiringPrincipal
S kms:RetiringServicePrincipal
N kms:RotationPeriodInDays
N kms:ScheduleKeyDeletionPendingWindowInDays
S kms:SigningAlgorithm
N kms:TrailingDaysWithoutKeyUsage
D kms:ValidTo
S kms:ViaService
S kms:WrappingAlgorithm
S kms:WrappingKeySpec
`,
  resources: `
alias arn:{Partition}:kms:{Region}:{Account}:alias/{Alias+} -
key arn:{Partition}:kms:{Region}:{Account}:key/{KeyId} 1,19,20,21,24,25,87
`,
  keySets: `
4,95
4
4,9,10,12,13,14,15,16,17,88,89,95
0,1,2,3,4,19,20,21,24,25,95
4,8,9,10,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,80,81,82,83,86,95
4,18,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,80,81,82,83,86,95
4,86,95
4,93,95
4,90,95
4,8,9,10,86,95
4,7,8,9,10,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,80,81,82,83,86,95
4,7,8,9,10,86,95
4,22,86,95
27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,80,81,82,83
4,95,96,97
4,11,94,95
-
4,16,95
3,4,95
4,8,9,10,84,86,95
4,85,95
4,9,10,13,95
4,91,93,95
4,23,86,92,95
0,2,4,95
2,4,95
4,26,95
`,
  actions: `
CancelKeyDeletion W key! 0
ConnectCustomKeyStore W - 1
CreateAlias W alias!,key! 0
CreateCustomKeyStore W - 1
CreateGrant P key! 2
CreateKey W - 3
Decrypt W key! 4
DeleteAlias W alias!,key! 0
DeleteCustomKeyStore W - 1
DeleteImportedKeyMaterial W key! 0
DeriveSharedSecret W key! 5
DescribeCustomKeyStores R - 1
DescribeKey R key! 6
DisableKey W key! 7
DisableKeyRotation W key! 0
DisconnectCustomKeyStore W - 1
EnableKey W key! 0
EnableKeyRotation W key! 8
Encrypt W key! 9
GenerateDataKey W key! 4
GenerateDataKeyPair W key! 10
GenerateDataKeyPairWithoutPlaintext W key! 11
GenerateDataKeyWithoutPlaintext W key! 9
GenerateMac W key! 12
GenerateRandom W - 13
GetKeyLastUsage R key! 0
GetKeyPolicy R key! 0
GetKeyRotationStatus R key! 0
GetParametersForImport R key! 14
GetPublicKey R key! 6
ImportKeyMaterial W key! 15
ListAliases L - 16
ListGrants L key! 17
ListKeyPolicies L key! 0
ListKeyRotations L key! 0
ListKeys L - 16
ListResourceTags L key! 0
ListRetirableGrants L - 16
PutKeyPolicy P key! 18
ReEncryptFrom W key! 19
ReEncryptTo W key! 19
ReplicateKey W key! 20
RetireGrant P key! 21
RevokeGrant P key! 17
RotateKeyOnDemand W key! 0
ScheduleKeyDeletion W key! 22
Sign W key! 23
SynchronizeMultiRegionKey W key! 16
TagResource T key! 24
UntagResource T key! 25
UpdateAlias W alias!,key! 0
UpdateCustomKeyStore W - 1
UpdateKeyDescription W key! 0
UpdatePrimaryRegion W key! 26
Verify W key! 23
VerifyMac W key! 12
`,
};
