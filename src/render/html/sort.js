(function(){
"use strict";
document.querySelectorAll("table.sortable").forEach(function(table){
  var body=table.tBodies[0], original=Array.from(body.rows);
  Array.from(table.tHead.rows[0].cells).forEach(function(head,n){
    if(!head.textContent.trim()||head.classList.contains("b"))return;
    var button=document.createElement("button");
    button.type="button";
    button.textContent=head.textContent;
    head.textContent="";
    head.appendChild(button);
    var numeric=head.classList.contains("n"), key=function(row){
      var cell=row.cells[n], value=cell.dataset.v;
      return numeric?parseFloat(value||"-1"):cell.textContent;
    };
    button.addEventListener("click",function(){
      var now=head.getAttribute("aria-sort"), first=numeric?"descending":"ascending", second=numeric?"ascending":"descending";
      var next=now===first?second:now===second?null:first;
      Array.from(table.tHead.rows[0].cells).forEach(function(c){c.removeAttribute("aria-sort");});
      var rows=original.slice();
      if(next){
        head.setAttribute("aria-sort",next);
        var sign=next==="ascending"?1:-1;
        rows.sort(function(a,b){
          var x=key(a), y=key(b);
          return sign*(numeric?x-y:x.localeCompare(y,document.documentElement.lang));
        });
      }
      rows.forEach(function(row){body.appendChild(row);});
    });
  });
});
var open=function(){
  var id=location.hash.slice(1), target=id&&document.getElementById(id);
  if(target&&target.tagName==="DETAILS"){target.open=true;target.scrollIntoView();}
};
window.addEventListener("hashchange",open);
open();
var closed=[];
window.addEventListener("beforeprint",function(){
  closed=Array.from(document.querySelectorAll("details.cause:not([open])"));
  closed.forEach(function(d){d.open=true;});
});
window.addEventListener("afterprint",function(){closed.forEach(function(d){d.open=false;});});
})();
