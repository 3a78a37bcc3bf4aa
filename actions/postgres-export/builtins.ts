/**
 * Functions of pg_catalog every statement may call. Each of them, in all its forms, only computes
 * from its arguments: none is volatile, reads a table, a file, a setting or the session, writes,
 * waits or sends (a test asks the server). Left out although harmless in themselves: functions
 * that make much from little (repeat, generate_series, array_fill), since the planner may already
 * compute them.
 */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  [
    // aggregates and windows
    "count sum avg min max bool_and bool_or every array_agg string_agg json_agg jsonb_agg json_object_agg",
    "jsonb_object_agg stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop covar_samp",
    "regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy",
    "percentile_cont percentile_disc mode rank dense_rank percent_rank cume_dist row_number ntile lag lead",
    "first_value last_value nth_value bit_and bit_or",
    // text
    "lower upper initcap length char_length character_length octet_length bit_length btrim ltrim rtrim lpad rpad",
    "substr substring left right position strpos overlay replace translate reverse split_part concat concat_ws",
    "starts_with ascii chr md5 sha224 sha256 sha384 sha512 encode decode to_hex quote_literal quote_ident",
    "quote_nullable regexp_replace regexp_match regexp_matches regexp_count regexp_instr regexp_like regexp_substr",
    "regexp_split_to_array regexp_split_to_table string_to_array string_to_table array_to_string normalize",
    "is_normalized similar_to_escape like_escape unistr format",
    // numbers
    "abs ceil ceiling floor round trunc sign mod div gcd lcm power pow sqrt cbrt exp ln log log10 pi degrees radians",
    "sin cos tan cot asin acos atan atan2 width_bucket scale min_scale trim_scale",
    // dates
    "now transaction_timestamp statement_timestamp date_trunc date_part date_bin extract age timezone make_date",
    "make_time make_timestamp make_timestamptz make_interval justify_days justify_hours justify_interval isfinite",
    "to_char to_date to_timestamp to_number overlaps",
    // json
    "to_json to_jsonb row_to_json array_to_json json_build_object jsonb_build_object json_build_array",
    "jsonb_build_array json_object jsonb_object json_array_length jsonb_array_length json_extract_path",
    "jsonb_extract_path json_extract_path_text jsonb_extract_path_text json_typeof jsonb_typeof json_strip_nulls",
    "jsonb_strip_nulls jsonb_pretty jsonb_set jsonb_path_exists jsonb_path_query_first jsonb_path_query_array",
    "json_array_elements jsonb_array_elements json_array_elements_text jsonb_array_elements_text json_each jsonb_each",
    "json_each_text jsonb_each_text json_object_keys jsonb_object_keys",
    // arrays, ranges, networks, the rest
    "array_length array_ndims array_dims array_lower array_upper cardinality array_position array_positions",
    "array_append array_prepend array_cat array_remove array_replace unnest lower_inc upper_inc lower_inf upper_inf",
    "isempty host masklen network family abbrev num_nulls num_nonnulls",
  ].flatMap((line) => line.split(" ")),
);

/** Types of pg_catalog a statement may cast to. The reg* types are not among them: they read the catalog. */
export const TYPES: ReadonlySet<string> = new Set(
  [
    "bool int2 int4 int8 numeric float4 float8 text varchar bpchar char name bytea uuid json jsonb jsonpath",
    "date time timetz timestamp timestamptz interval inet cidr macaddr macaddr8 bit varbit",
    "int4range int8range numrange daterange tsrange tstzrange point box circle line lseg path polygon",
  ].flatMap((line) => line.split(" ")),
);

/** Words that stand for a function; those that name the session's user, database or schema are not among them. */
export const VALUE_FUNCTIONS: ReadonlySet<string> = new Set([
  "SVFOP_CURRENT_DATE",
  "SVFOP_CURRENT_TIME",
  "SVFOP_CURRENT_TIME_N",
  "SVFOP_CURRENT_TIMESTAMP",
  "SVFOP_CURRENT_TIMESTAMP_N",
  "SVFOP_LOCALTIME",
  "SVFOP_LOCALTIME_N",
  "SVFOP_LOCALTIMESTAMP",
  "SVFOP_LOCALTIMESTAMP_N",
]);

/** Second argument: a length. A literal up to this, so that a statement cannot ask the planner for a gigabyte. */
export const PADDING: ReadonlySet<string> = new Set(["lpad", "rpad"]);
export const PADDING_MAX = 1_000;
