"""`/api/2.0/CpoCustomers`: list, one, create, replace (platform-api 7.7). They belong to the module of locations."""

from functools import partial

from litestar import MediaType, get, post, put
from litestar.params import FromPath
from litestar.types import Scope

from app.api.auth import reader, writer
from app.api.envelope import AnyRequest, Sent, writing
from app.api.fold import path_id
from app.api.lists import asked, listed
from app.api.parameters import CustomerParameters, customer_query
from app.domain.customers import PostCpoCustomer, PutCpoCustomer
from app.web.bodies import decode

ONE = "/{cpo_id:str}/{external_id:str}"


def bare(customer: bytes) -> bytes:
    return customer


@get("/", summary="List the customers of CPOs", media_type=MediaType.JSON)
async def list_customers(scope: Scope) -> Sent:
    call = await reader(scope)
    wanted = asked(scope["query_string"], CustomerParameters, customer_query, call.actor.cpo_ids)
    return await listed(scope, call.envelope, wanted, partial(call.platform.customers, call.actor))


@post("/", summary="Create a customer of a CPO", status_code=200, media_type=MediaType.JSON)
async def create_customer(request: AnyRequest) -> Sent:
    call = await writer(request.scope)
    async with writing(bare):
        wanted = decode(await request.body(), PostCpoCustomer)
        return call.envelope.success(await call.platform.create_customer(call.actor, wanted))


@get(ONE, summary="Read one customer", media_type=MediaType.JSON)
async def read_customer(scope: Scope, cpo_id: FromPath[str], external_id: FromPath[str]) -> Sent:
    call = await reader(scope)
    return call.envelope.success(await call.platform.customer(call.actor, path_id(cpo_id), path_id(external_id)))


@put(ONE, summary="Replace a customer that exists", media_type=MediaType.JSON)
async def replace_customer(request: AnyRequest, cpo_id: FromPath[str], external_id: FromPath[str]) -> Sent:
    call = await writer(request.scope)
    key = path_id(cpo_id), path_id(external_id)
    async with writing(bare, partial(call.platform.customer, call.actor, *key)):
        wanted = decode(await request.body(), PutCpoCustomer)
        return call.envelope.success(await call.platform.replace_customer(call.actor, *key, wanted))


HANDLERS = (list_customers, create_customer, read_customer, replace_customer)
