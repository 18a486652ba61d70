" Syntax of PDL. Copy what is in editors/vim into ~/.vim.
if exists("b:current_syntax")
  finish
endif
syntax case match
syntax iskeyword @,48-57,_,$,192-255

syntax keyword pdlTop domain enum extension external include mixin naming output schema sequence shape sql table
syntax keyword pdlTop function materialized procedure target type view
syntax keyword pdlItem access check exclude foreign grant index partition pk policy realtime revoke rls
syntax keyword pdlItem statistics trigger unique use
syntax keyword pdlClause allow as backfill collate compression generated identity inherits not storage touch using was
syntax keyword pdlOther action always by cache cascade cluster cycle data default deferrable deferred disable distinct down
syntax keyword pdlOther enable enforced for forced from full in increment inherit initially match maxvalue minvalue name
syntax keyword pdlOther needs no nothing null nulls of on options overlaps owned owner period privileges publication replica restrict server set start stored tablespace to unlogged up
syntax keyword pdlOther update valid values version virtual where with without into postgres supabase template

syntax match pdlOperator /->\|[?=]/
syntax match pdlNumber /[-+]\?\<\d\+\>/
syntax match pdlCode /\<PDL\d\{4}\>/
syntax match pdlComment +//.*$+ contains=pdlTodo,@Spell
syntax match pdlDoc +///\(/\)\@!.*$+ contains=@Spell
syntax region pdlComment start=+/\*+ end=+\*/+ contains=pdlComment,pdlTodo,@Spell
syntax keyword pdlTodo TODO FIXME XXX contained
syntax region pdlName start=+"+ skip=+""+ end=+"+
syntax region pdlString start=+'+ skip=+''+ end=+'+

" SQL has rules of its own in parentheses and dollar quotes: -- begins a comment, // does not.
syntax match pdlSqlComment /--.*$/ contained
syntax region pdlSql start=+(+ end=+)+ contains=pdlSql,pdlSqlComment,pdlString,pdlName,pdlNumber transparent
syntax region pdlBody matchgroup=pdlDollar start=+\$\z(\h\w*\)\?\$+ end=+\$\z1\$+ contains=pdlSqlComment,pdlString,pdlName

highlight default link pdlTop Statement
highlight default link pdlItem Keyword
highlight default link pdlClause Type
highlight default link pdlOther Special
highlight default link pdlOperator Operator
highlight default link pdlNumber Number
highlight default link pdlCode Constant
highlight default link pdlComment Comment
highlight default link pdlSqlComment Comment
highlight default link pdlDoc SpecialComment
highlight default link pdlTodo Todo
highlight default link pdlName Identifier
highlight default link pdlString String
highlight default link pdlDollar Delimiter

let b:current_syntax = "pdl"
