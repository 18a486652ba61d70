/* Names that need quotes in SQL, and others in C, reach what they name. */
#include "expect.h"

int main(int count, char **arguments) {
  (void)count;
  PGconn *conn = PQconnectdb(arguments[1]);
  struct pdl *p = pdl_open(conn, 0);
  struct pdl_mem mem = PDL_MEM_INIT;
  struct class_ row = {.int_ = {1}, .errno_ = pdl_str("e"), .int_x = pdl_str("?"), .new_ = {ENUM_INT, {NULL, 0}}};
  struct class_ got;
  struct class_list list;
  row.mood.v = row.mood_t.v = MOOD_CALM;
  row.a_b = pdl_str("ab");
  row.s_n = pdl_str("%s%n");
  static const x_a_b parts[] = {{{"\"", 1}, {true, {1, 2, false, true, false, false, false}}, {NULL, 0}}};
  row.e1.v = parts;
  row.e1.n = 1;
  row.union_.set = row.r.set = true;
  row.union_.v.this_.v = parts;
  row.union_.v.this_.n = 1;
  row.r.v.lower = pdl_str("\"\\,[");
  row.r.v.upper = pdl_str("}");
  OK(class_insert(p, &row, CLASS_REQUIRED | CLASS_ERRNO | CLASS_A_B | CLASS_S_N | CLASS_E1 | CLASS_UNION | CLASS_R, &got, &mem));
  EXPECT(got.e1.n == 1 && pdl_text_is(got.e1.v[0].x_y, "\"") && got.union_.v.this_.v[0].x_y_2.v.upper == 2);
  EXPECT(got.r.set && pdl_text_is(got.r.v.lower, "\"\\,[") && pdl_text_is(got.r.v.upper, "}"));
  union__t from;
  OK(public_register(p, row.union_, row.r, &from, &mem));
  EXPECT(from.this_.n == 1);
  EXPECT(pdl_text_is(got.errno_, "e") && got.new_.v == ENUM_INT && pdl_text_is(got.s_n, "%s%n"));
  OK(class_get_by_limit(p, 0, &got, &mem));
  OK(class_list_by_row(p, 0, &list, &mem));
  EXPECT(list.n == 1 && pdl_text_is(list.v[0].a_b, "ab"));
  row.int_.v = -1;
  GIVES(PDL_CONSTRAINT, class_upsert_by_int(p, &row, CLASS_REQUIRED, NULL, NULL));
  struct struct_ node = {.class_ = {1}};
  struct struct_list nodes;
  OK(struct_insert(p, &node, STRUCT_REQUIRED, &node, &mem));
  OK(struct_of_class(p, &got, &nodes, &mem));
  EXPECT(nodes.n == 1);
  OK(struct_class(p, &node, &got, &mem));
  GIVES(PDL_NOROW, struct_typename(p, &node, &got, &mem));
  OK(class_delete(p, got.int_));
  GIVES(PDL_NOROW, struct_get(p, node.id, &node, &mem));
  pdl_mem_clear(&mem);
  pdl_close(p);
  PQfinish(conn);
  return failures ? 1 : 0;
}
