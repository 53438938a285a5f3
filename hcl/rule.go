package hcl

import "fmt"

// rule is the number in a rule's id: 304 for MDB304.
type rule int

// The rules that loading applies.
const (
	ruleSyntax           rule = 101
	ruleUnknownName      rule = 102
	ruleMissingArgument  rule = 103
	ruleDuplicate        rule = 104
	ruleWrongType        rule = 105
	ruleVersion          rule = 106
	ruleTooDeep          rule = 107
	ruleInvalidName      rule = 108
	ruleNoConfig         rule = 114
	ruleUnresolved       rule = 120
	ruleUndeclared       rule = 201
	ruleWrongKind        rule = 202
	ruleLocalCycle       rule = 203
	ruleUndeclaredVar    rule = 206
	ruleValidation       rule = 207
	ruleBadRangeKey      rule = 301
	ruleAuthorityInKey   rule = 302
	ruleDuplicateStart   rule = 303
	ruleHole             rule = 304
	ruleStartOrOffset    rule = 305
	ruleUnreachable      rule = 306
	ruleBreakpointOrder  rule = 307
	ruleEmptyBreakpoint  rule = 308
	ruleNoPartitions     rule = 309
	ruleNoShards         rule = 310
	ruleDuplicateShard   rule = 311
	ruleSharedDatabase   rule = 312
	ruleUnknownHash      rule = 318
	ruleCollapse         rule = 319
	ruleNoDatabaseName   rule = 321
	ruleBadDatabaseName  rule = 322
	rulePlaintext        rule = 401
	ruleDSNAndParts      rule = 402
	ruleBadDSN           rule = 403
	ruleUnsafeParam      rule = 406
	ruleMisspeltParam    rule = 408
	ruleReplicaIsPrimary rule = 411
	ruleManyCentral      rule = 501
	ruleIndexBriefcase   rule = 502
	ruleKeyTooLong       rule = 503
	ruleDuplicateIndex   rule = 505
	ruleNormaliser       rule = 507
	ruleBriefcaseNoArea  rule = 601
	ruleTableTwice       rule = 602
	ruleBadIdentifier    rule = 603
	ruleNoKey            rule = 604
	ruleRootTable        rule = 605
	ruleAuthorityNumber  rule = 701
	ruleDuplicateNumber  rule = 702
	ruleStoreOrFiles     rule = 706
)

// The rules that are mdbcheck's alone.
const (
	ruleUnusedIgnore      rule = 109
	ruleUnexplainedIgnore rule = 110
	ruleExpiredIgnore     rule = 111
	ruleDeprecated        rule = 112
	ruleNotFormatted      rule = 113
	ruleBadSettings       rule = 115
	ruleUnusedServer      rule = 204
	ruleUnusedName        rule = 205
	ruleSameServer        rule = 313
	ruleUnsorted          rule = 314
	ruleLastEra           rule = 315
	ruleSkew              rule = 316
	ruleLabelNames        rule = 317
	ruleManyShards        rule = 320
	ruleDSNDatabase       rule = 404
	ruleDuplicateAddress  rule = 405
	ruleNoTLS             rule = 407
	ruleNoTimeout         rule = 409
	rulePoolBounds        rule = 410
	ruleReplicaZone       rule = 412
	ruleNoCentral         rule = 5011 // MDB501, where it is no error
	ruleNotNormalised     rule = 504
	ruleCacheTTL          rule = 506
	ruleFewCentral        rule = 508
	ruleNoIndexPath       rule = 606
	ruleEmptyArea         rule = 607
	ruleSingleAuthority   rule = 703
	ruleAuthorityOnShard  rule = 704
	ruleBlockSize         rule = 705
	ruleNoAuthority       rule = 707
)

// The rules about servers, which mdbcheck live applies.
const (
	ruleServerDown       rule = 801
	ruleAuthFailed       rule = 802
	ruleSameIdentity     rule = 803
	ruleReadOnlyPrimary  rule = 804
	ruleReplicaBroken    rule = 805
	ruleWrongSource      rule = 8051 // MDB805, where it follows another server
	ruleReplicaLag       rule = 8052 // MDB805, where it is late
	ruleDatabaseMissing  rule = 806
	ruleShardMismatch    rule = 807
	ruleShardMissing     rule = 808
	ruleTableMissing     rule = 809
	ruleSchemaDrift      rule = 810
	ruleKeyColumnType    rule = 811
	ruleKeyNotLeading    rule = 812
	ruleAutoIncrement    rule = 813
	ruleMisplacedRows    rule = 814
	ruleHeadPastStart    rule = 815
	ruleRunway           rule = 816
	ruleLaggingAuthority rule = 817
	ruleIndexOrphan      rule = 818
	ruleServerSettings   rule = 819
	ruleTooOld           rule = 820
	ruleWrongEngine      rule = 8201 // MDB820, where a table is not kept by InnoDB
	ruleOvercommit       rule = 821
	rulePrivileges       rule = 822
	ruleFingerprint      rule = 823
	ruleUniqueWithoutKey rule = 824
	ruleForeignKeyLeaves rule = 825
	ruleIDsAgain         rule = 826
)

// facts are what never changes about a rule: slugs are for good, like ids.
type facts struct {
	slug     string
	severity Severity
}

var rules = map[rule]facts{
	ruleSyntax:           {"syntax", Error},
	ruleUnknownName:      {"unknown-name", Error},
	ruleMissingArgument:  {"missing-argument", Error},
	ruleDuplicate:        {"duplicate-declaration", Error},
	ruleWrongType:        {"wrong-type", Error},
	ruleVersion:          {"unsupported-version", Error},
	ruleTooDeep:          {"too-deep", Error},
	ruleInvalidName:      {"invalid-name", Error},
	ruleNoConfig:         {"no-config", Error},
	ruleUnresolved:       {"unresolved-env", Notice},
	ruleUndeclared:       {"undeclared-reference", Error},
	ruleWrongKind:        {"wrong-kind", Error},
	ruleLocalCycle:       {"local-cycle", Error},
	ruleUndeclaredVar:    {"undeclared-variable", Error},
	ruleValidation:       {"variable-validation", Error},
	ruleBadRangeKey:      {"bad-range-key", Error},
	ruleAuthorityInKey:   {"authority-in-key", Error},
	ruleDuplicateStart:   {"duplicate-start", Error},
	ruleHole:             {"partition-hole", Error},
	ruleStartOrOffset:    {"start-or-offset", Error},
	ruleUnreachable:      {"unreachable-partition", Error},
	ruleBreakpointOrder:  {"breakpoint-order", Error},
	ruleEmptyBreakpoint:  {"empty-breakpoint", Error},
	ruleNoPartitions:     {"no-partitions", Error},
	ruleNoShards:         {"no-shards", Error},
	ruleDuplicateShard:   {"duplicate-shard", Error},
	ruleSharedDatabase:   {"shared-database", Error},
	ruleUnknownHash:      {"unknown-hash", Error},
	ruleCollapse:         {"collapse-collision", Error},
	ruleNoDatabaseName:   {"no-database-name", Error},
	ruleBadDatabaseName:  {"bad-database-name", Error},
	rulePlaintext:        {"plaintext-password", Error},
	ruleDSNAndParts:      {"dsn-and-parts", Error},
	ruleBadDSN:           {"bad-dsn", Error},
	ruleUnsafeParam:      {"unsafe-param", Error},
	ruleMisspeltParam:    {"misspelt-param", Error},
	ruleReplicaIsPrimary: {"replica-is-primary", Error},
	ruleManyCentral:      {"many-central", Error},
	ruleIndexBriefcase:   {"index-briefcase", Error},
	ruleKeyTooLong:       {"key-too-long", Error},
	ruleDuplicateIndex:   {"duplicate-index-table", Error},
	ruleNormaliser:       {"unknown-normaliser", Error},
	ruleBriefcaseNoArea:  {"briefcase-no-area", Error},
	ruleTableTwice:       {"table-twice", Error},
	ruleBadIdentifier:    {"bad-identifier", Error},
	ruleNoKey:            {"no-key", Error},
	ruleRootTable:        {"root-table", Error},
	ruleAuthorityNumber:  {"authority-number", Error},
	ruleDuplicateNumber:  {"duplicate-authority", Error},
	ruleStoreOrFiles:     {"store-or-files", Error},

	ruleUnusedIgnore:      {"unused-ignore", Warning},
	ruleUnexplainedIgnore: {"unexplained-ignore", Warning},
	ruleExpiredIgnore:     {"expired-ignore", Error},
	ruleDeprecated:        {"deprecated-argument", Warning},
	ruleNotFormatted:      {"not-formatted", Notice},
	ruleBadSettings:       {"bad-settings", Error},
	ruleUnusedServer:      {"unused-server", Warning},
	ruleUnusedName:        {"unused-name", Notice},
	ruleSameServer:        {"same-server-twice", Notice},
	ruleUnsorted:          {"unsorted-partitions", Notice},
	ruleLastEra:           {"last-era", Notice},
	ruleSkew:              {"shard-skew", Warning},
	ruleLabelNames:        {"label-names-database", Notice},
	ruleManyShards:        {"too-many-shards", Notice},
	ruleDSNDatabase:       {"dsn-names-database", Warning},
	ruleDuplicateAddress:  {"duplicate-address", Warning},
	ruleNoTLS:             {"no-tls", Notice},
	ruleNoTimeout:         {"no-timeout", Warning},
	rulePoolBounds:        {"pool-bounds", Warning},
	ruleReplicaZone:       {"replica-same-zone", Notice},
	ruleNoCentral:         {"no-central", Notice},
	ruleNotNormalised:     {"not-normalised", Warning},
	ruleCacheTTL:          {"cache-ttl", Warning},
	ruleFewCentral:        {"few-central-shards", Notice},
	ruleNoIndexPath:       {"no-index-path", Notice},
	ruleEmptyArea:         {"empty-area", Warning},
	ruleSingleAuthority:   {"single-authority", Warning},
	ruleAuthorityOnShard:  {"authority-on-shard", Notice},
	ruleBlockSize:         {"block-size", Warning},
	ruleNoAuthority:       {"no-authority", Notice},

	ruleServerDown:       {"unreachable", Error},
	ruleAuthFailed:       {"auth-failed", Error},
	ruleSameIdentity:     {"same-server", Error},
	ruleReadOnlyPrimary:  {"read-only-primary", Error},
	ruleReplicaBroken:    {"replica-broken", Error},
	ruleWrongSource:      {"wrong-source", Error},
	ruleReplicaLag:       {"replica-lag", Warning},
	ruleDatabaseMissing:  {"database-missing", Error},
	ruleShardMismatch:    {"shard-identity-mismatch", Error},
	ruleShardMissing:     {"shard-identity-missing", Warning},
	ruleTableMissing:     {"table-missing", Error},
	ruleSchemaDrift:      {"schema-drift", Error},
	ruleKeyColumnType:    {"key-column-type", Error},
	ruleKeyNotLeading:    {"key-not-leading", Error},
	ruleAutoIncrement:    {"auto-increment", Error},
	ruleMisplacedRows:    {"misplaced-rows", Error},
	ruleHeadPastStart:    {"head-past-start", Error},
	ruleRunway:           {"runway", Warning},
	ruleLaggingAuthority: {"lagging-authority", Warning},
	ruleIndexOrphan:      {"index-orphan", Warning},
	ruleServerSettings:   {"server-settings", Warning},
	ruleTooOld:           {"too-old", Error},
	ruleWrongEngine:      {"wrong-engine", Error},
	ruleOvercommit:       {"pool-overcommit", Warning},
	rulePrivileges:       {"privileges", Error},
	ruleFingerprint:      {"fingerprint-differs", Warning},
	ruleUniqueWithoutKey: {"unique-without-key", Warning},
	ruleForeignKeyLeaves: {"foreign-key-leaves-briefcase", Error},
	ruleIDsAgain:         {"ids-given-again", Error},
}

// facts gives the slug and the severity of a rule.
func (r rule) facts() facts {
	known, ok := rules[r]
	if !ok {
		panic("hcl: " + r.id() + " is no rule")
	}
	return known
}

// id gives the rule's name in every output.
func (r rule) id() string {
	return fmt.Sprintf("MDB%d", r.number())
}

// number gives the number in the rule's name.
func (r rule) number() int {
	if r > 999 { // one of several rules with one id
		r /= 10
	}
	return int(r)
}

// live reports whether the rule is about servers, so that files cannot tell.
func (r rule) live() bool { return r.number()/100 == 8 }

// demanded reports whether the rule keeps a configuration from being opened. Its
// severity is fixed, and no comment covers it.
func (r rule) demanded() bool {
	return r.facts().severity == Error && r != ruleExpiredIgnore && r != ruleBadSettings && !r.live()
}
