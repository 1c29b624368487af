/** The AssemblyScript integer types that `assembly/protections/catalogue.ts`, which both compilers read, mentions. */
declare type i32 = number;
