"""What a database holds, in lines that can be compared, asked of a psql that stays."""
import re
import subprocess

from server import ENVIRONMENT

# All that a database holds, a line each, but for the order of columns.
CATALOG = r"""
SELECT line FROM (
SELECT format('relation %s.%s %s %s %s %s %s %s', n.nspname, c.relname, c.relkind, c.relpersistence, c.reloptions, c.relrowsecurity, c.relforcerowsecurity,
  (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) a)) AS line
  FROM pg_class c JOIN scope n ON n.oid = c.relnamespace
UNION ALL SELECT format('column %s.%s.%s %s %s %s %s %s %s %s %s %s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
  pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attcollation::regcollation, a.attstorage, a.attcompression, a.attstattarget) || coalesce((SELECT array_agg(x::text ORDER BY x::text) FROM unnest(a.attacl) x)::text, '')
  FROM pg_class c JOIN scope n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE c.relkind IN ('r', 'p', 'f', 'c', 'v', 'm')
UNION ALL SELECT format('constraint %s %s %s %s', c.conrelid::regclass, c.contypid::regtype, c.conname,
  CASE WHEN c.conislocal THEN pg_get_constraintdef(c.oid) ELSE replace(pg_get_constraintdef(c.oid), ' NOT VALID', '') END) -- an heir's is valid if it came after the check
  FROM pg_constraint c JOIN scope n ON n.oid = c.connamespace WHERE c.contype <> 'n'
UNION ALL SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN scope n ON n.oid = c.relnamespace
UNION ALL SELECT format('query %s.%s %s', n.nspname, c.relname, pg_get_viewdef(c.oid)) FROM pg_class c JOIN scope n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm')
UNION ALL SELECT format('routine %s %s %s', CASE WHEN p.prokind = 'a' THEN p.oid::regprocedure::text ELSE pg_get_functiondef(CASE WHEN p.prokind <> 'a' THEN p.oid END) END,
  (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(coalesce(p.proacl, acldefault('f', p.proowner))) a), (SELECT g FROM pg_aggregate g WHERE g.aggfnoid = p.oid)) FROM pg_proc p JOIN scope n ON n.oid = p.pronamespace
UNION ALL SELECT format('trigger %s %s', pg_get_triggerdef(t.oid), t.tgenabled) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  JOIN scope n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal
UNION ALL SELECT format('rule %s', pg_get_ruledef(r.oid)) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN scope n ON n.oid = c.relnamespace
  WHERE r.rulename <> '_RETURN'
UNION ALL SELECT format('type %s.%s %s %s %s %s %s', n.nspname, t.typname, t.typtype, t.typbasetype::regtype, t.typnotnull, pg_get_expr(t.typdefaultbin, 0),
  (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(coalesce(t.typacl, acldefault('T', t.typowner))) a))
  FROM pg_type t JOIN scope n ON n.oid = t.typnamespace
UNION ALL SELECT format('labels %s %s', e.enumtypid::regtype, array_agg(e.enumlabel ORDER BY e.enumsortorder)) FROM pg_enum e GROUP BY e.enumtypid
UNION ALL SELECT format('sequence %s.%s %s %s %s %s %s %s %s', n.nspname, c.relname, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcycle,
  (SELECT array_agg(pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)) FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
  AND d.refobjsubid > 0)) FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN scope n ON n.oid = c.relnamespace
UNION ALL SELECT format('comment %s %s', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description) FROM pg_description d
  WHERE d.objoid >= 16384 AND pg_describe_object(d.classoid, d.objoid, d.objsubid) NOT LIKE '%extension%'
UNION ALL SELECT format('policy %s', p) FROM pg_policies p
UNION ALL SELECT format('statistics %s', (SELECT string_agg(w, ' ' ORDER BY w) FROM regexp_split_to_table(replace(pg_get_statisticsobjdef(s.oid), ',', ''), ' ') w)) FROM pg_statistic_ext s -- columns in any order
UNION ALL SELECT format('inherits %s %s %s', i.inhrelid::regclass, i.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid))
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
UNION ALL SELECT format('range %s %s %s', r.rngtypid::regtype, r.rngsubtype::regtype, r.rngsubdiff::regproc) FROM pg_range r WHERE r.rngtypid >= 16384
UNION ALL SELECT format('collation %s.%s %s %s', n.nspname, c.collname, c.collcollate, c.collprovider) FROM pg_collation c JOIN scope n ON n.oid = c.collnamespace
UNION ALL SELECT format('owner %s %s %s', c.relkind, c.oid::regclass, c.relowner::regrole) FROM pg_class c JOIN scope n ON n.oid = c.relnamespace
UNION ALL SELECT format('owner %s %s', p.oid::regprocedure, p.proowner::regrole) FROM pg_proc p JOIN scope n ON n.oid = p.pronamespace
UNION ALL SELECT format('owner %s %s', t.oid::regtype, t.typowner::regrole) FROM pg_type t JOIN scope n ON n.oid = t.typnamespace
UNION ALL SELECT format('wrapper %s %s', fdwname, fdwoptions) FROM pg_foreign_data_wrapper
UNION ALL SELECT format('server %s %s %s %s', srvname, w.fdwname, srvversion, srvoptions) FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = srvfdw
UNION ALL SELECT format('mapping %s %s %s', srvname, usename, umoptions) FROM pg_user_mappings
UNION ALL SELECT format('foreign %s %s %s', f.ftrelid::regclass, s.srvname, f.ftoptions) FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver
UNION ALL SELECT format('foreign %s.%s %s', a.attrelid::regclass, a.attname, a.attfdwoptions) FROM pg_attribute a WHERE a.attfdwoptions IS NOT NULL AND NOT a.attisdropped
UNION ALL SELECT format('class %s.%s %s %s', n.nspname, o.opcname, o.opcintype::regtype, (SELECT array_agg(pg_describe_object('pg_amop'::regclass, a.oid, 0) ORDER BY a.amopstrategy)
  FROM pg_amop a WHERE a.amopfamily = o.opcfamily)) FROM pg_opclass o JOIN scope n ON n.oid = o.opcnamespace
UNION ALL SELECT format('defaults %s %s %s %s', d.defaclrole::regrole, d.defaclnamespace::regnamespace, d.defaclobjtype,
  (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(d.defaclacl) a)) FROM pg_default_acl d
UNION ALL SELECT format('schema %s %s', n.nspname, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(coalesce(s.nspacl, acldefault('n', s.nspowner))) a)) FROM scope n JOIN pg_namespace s ON s.oid = n.oid
UNION ALL SELECT format('event trigger %s %s %s %s', evtname, evtevent, evtenabled, evtfoid::regproc) FROM pg_event_trigger
UNION ALL SELECT format('publication %s %s %s %s', p.pubname, p.puballtables, p.pubinsert, p.pubupdate) FROM pg_publication p
UNION ALL SELECT format('published %s %s %s', p.pubname, r.prrelid::regclass, pg_get_expr(r.prqual, r.prrelid))
  FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
UNION ALL SELECT format('cast %s %s %s %s', castsource::regtype, casttarget::regtype, castfunc::regprocedure, castcontext) FROM pg_cast WHERE oid >= 16384
UNION ALL SELECT format('operator %s %s %s', o.oid::regoperator, o.oprcode, o.oprcom::regoperator) FROM pg_operator o WHERE o.oid >= 16384
UNION ALL SELECT format('dictionary %s.%s %s', n.nspname, d.dictname, d.dictinitoption) FROM pg_ts_dict d JOIN scope n ON n.oid = d.dictnamespace
UNION ALL SELECT format('configuration %s.%s %s %s', n.nspname, c.cfgname, m.maptokentype, m.mapdict::regdictionary)
  FROM pg_ts_config c JOIN scope n ON n.oid = c.cfgnamespace LEFT JOIN pg_ts_config_map m ON m.mapcfg = c.oid
) all_lines ORDER BY line COLLATE "C";
"""
SCOPE = "WITH scope AS (SELECT oid, nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema')"
EMPTY = """SET client_min_messages = error;
DO $$ DECLARE s text; BEGIN
FOR s IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s); END LOOP;
FOR s IN SELECT fdwname FROM pg_foreign_data_wrapper LOOP EXECUTE format('DROP FOREIGN DATA WRAPPER %I CASCADE', s); END LOOP;
FOR s IN SELECT format('FOR ROLE %s REVOKE ALL ON %s FROM %s', defaclrole::regrole, CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES'
  WHEN 'f' THEN 'FUNCTIONS' ELSE 'TYPES' END, (SELECT string_agg(DISTINCT CASE grantee WHEN 0 THEN 'public' ELSE grantee::regrole::text END, ', ') FROM aclexplode(defaclacl)
  WHERE grantee <> defaclrole AND (grantee <> 0 OR defaclobjtype IN ('r', 'S')))) FROM pg_default_acl LOOP EXECUTE 'ALTER DEFAULT PRIVILEGES ' || s; END LOOP;
FOR s IN SELECT pubname FROM pg_publication LOOP EXECUTE format('DROP PUBLICATION %I', s); END LOOP;
END $$;
CREATE SCHEMA public;"""
END = "-- end of the answer"
LATER = [(14, "a.attcompression"), (15, "pg_get_expr(r.prqual, r.prrelid)")]
# A function's rows, with all columns that they had when a view of them was made.
ROWS = re.compile(r"(FROM .*?\(\) .*?)\(.*\)")


class Session:
    """psql that stays: a new process a question would take longer than the answer."""

    def __init__(self, server, database):
        self.database = server.database(database)
        self.process = subprocess.Popen([server.binaries + "/psql", "-X", "-q", "-A", "-t", "-d", server.url(database)], env=ENVIRONMENT, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def ask(self, sql):
        self.process.stdin.write("%s\n\\echo %s\n" % (sql, END))
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == END:
                return lines
            lines.append(line.rstrip("\n"))
        raise AssertionError("psql ended: " + "\n".join(lines[-5:]))

    def catalog(self):
        """Views of `select *` are printed with the columns in their table's order, a line each; those of a function's rows
        as they were when the view was made."""
        version = int(self.ask("SHOW server_version_num;")[0]) // 10000
        query = CATALOG
        for since, word in LATER:
            query = query.replace(word, "NULL") if version < since else query
        lines = self.ask(SCOPE + query)
        wrong = [line for line in lines if line.startswith("ERROR:")]
        if wrong:
            raise AssertionError(wrong[0])
        return sorted(ROWS.sub(r"\1", line.rstrip(",")) for line in lines)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
