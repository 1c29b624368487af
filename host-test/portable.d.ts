/** The AssemblyScript integer types that `assembly/policy/fields.ts`, which both compilers read, mentions. */
declare type i32 = number;
